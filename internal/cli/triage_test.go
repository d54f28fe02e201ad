package cli_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/cli"
)

// A line that is too long is passed over, one that is merely long is judged.
func TestTriageLongLines(t *testing.T) {
	t.Parallel()
	in := `{"id":1,"text":"` + strings.Repeat("che schifo ", 1<<20) + "\"}\n" +
		`{"id":2,"text":"` + strings.Repeat("a", 17<<20) + "\"}\r\n" +
		`{"id":3,"text":"Bellissimo"}`
	var out, wrong bytes.Buffer
	code := cli.Run(context.Background(), []string{"triage"}, cli.Terminal{
		In: strings.NewReader(in), Out: &out, Err: &wrong, Env: func(string) (string, bool) { return "en", true },
	})
	if code != cli.Failed {
		t.Errorf("code %d", code)
	}
	if got := wrong.String(); !strings.HasPrefix(got, "Line 2 ") || strings.Count(got, "\n") != 1 {
		t.Errorf("errors:\n%s", got)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], `{"id":1,"lang":"it","tone":"negative"`) || !strings.HasPrefix(lines[1], `{"id":3,"lang":"it","tone":"positive"`) {
		t.Errorf("verdicts:\n%.600s", out.String())
	}
}
