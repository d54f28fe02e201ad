package browsertest

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// A step whose element went away is done again; any other error ends it, and what comes after is not done.
func TestDo(t *testing.T) {
	tries := 0
	away := chromedp.Func(func(context.Context, *chromedp.Target) error {
		if tries++; tries < 3 {
			return errors.New("Could not find node with given id (-32000)")
		}
		return nil
	})
	refused := chromedp.Func(func(context.Context, *chromedp.Target) error { tries++; return errors.New("no such page") })
	never := chromedp.Func(func(context.Context, *chromedp.Target) error { t.Error("done after an error"); return nil })
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox)
	if path := os.Getenv("PONTE_TEST_CHROMIUM"); path != "" {
		opts = append(opts, chromedp.ExecPath(path))
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	defer stop()
	ctx, end := chromedp.NewContext(ctx)
	defer end()
	err := Do(ctx, away, refused, never)
	if err == nil || err.Error() != "no such page" || tries != 4 {
		t.Errorf("%v after %d tries", err, tries)
	}
}
