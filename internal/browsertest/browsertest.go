package browsertest

import (
	"context"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// again is how long a step is tried whose element was exchanged while it looked for it, and pause how long it waits in between.
const (
	again = 5 * time.Second
	pause = 25 * time.Millisecond
)

// Do does steps in order and stops at the first error, as chromedp.Do does. A step finds its element before it acts on it: when the page exchanges the element in between, nothing has
// happened yet and the step is done again.
func Do(ctx context.Context, steps ...chromedp.Action[chromedp.Void]) error {
	patient := make([]chromedp.Action[chromedp.Void], len(steps))
	for i, step := range steps {
		patient[i] = func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
			for deadline := time.Now().Add(again); ; {
				v, err := step(ctx, tab)
				if err == nil || !gone(err) || time.Now().After(deadline) {
					return v, err
				}
				select {
				case <-ctx.Done():
					return v, err
				case <-time.After(pause):
				}
			}
		}
	}
	return chromedp.Do(ctx, patient...)
}

// gone tells whether a browser refused because the element that was meant is no longer in the page.
func gone(err error) bool {
	for _, said := range []string{"Could not find node with given id", "No node with given id found", "Node with given id does not belong to the document", "Node is detached from document"} {
		if strings.Contains(err.Error(), said) {
			return true
		}
	}
	return false
}
