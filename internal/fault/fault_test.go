package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ponte-desk/ponte/internal/fault"
)

func TestKindSurvivesWrapping(t *testing.T) {
	t.Parallel()
	gone := fault.New(fault.NotFound, "conversation.gone")
	err := fmt.Errorf("inbox.Open: %w", gone.With("id", "x"))
	if got := fault.KindOf(err); got != fault.NotFound {
		t.Fatalf("kind %q", got)
	}
	if !errors.Is(err, gone) {
		t.Fatal("an error with arguments is no longer itself")
	}
	if gone.Args != nil {
		t.Fatal("With changed the shared error")
	}
}

func TestAnUnknownErrorIsInternalAndKeepsItsCauseForTheLog(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk full")
	e := fault.Of(cause)
	if e.Kind != fault.Internal || e.Key != "fault.internal" || !errors.Is(e, cause) {
		t.Fatalf("%+v", e)
	}
	if fault.Of(nil) != nil || fault.KindOf(nil) != "" || fault.InvalidFields() != nil {
		t.Fatal("no error became one")
	}
}
