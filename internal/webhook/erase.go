package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/store"
)

// erase takes a person out of what programs are still to be told, and forgets answers of programs that name them. What was told is not
// kept, and what a program of the company's keeps is the company's to erase.
func (w *Webhooks) erase(ctx context.Context, tx *store.Tx, e audience.Erasure) (s audience.ErasureStep, err error) {
	waiting, err := w.kept(ctx, tx, e.Company)
	if err != nil {
		return s, fmt.Errorf("webhook.erase: %w", err)
	}
	n := 0
	for _, m := range waiting {
		body, changed := masked(m.Body, e.MaskNear)
		if !changed {
			continue
		}
		n++
		if err := w.setBody(ctx, tx, e.Company, m.ID, body); err != nil {
			return s, fmt.Errorf("webhook.erase: %w", err)
		}
	}
	k, err := w.forgetAnswers(ctx, tx, e.Company, e.Names)
	if err != nil {
		return s, fmt.Errorf("webhook.erase: %w", err)
	}
	s.Add(audience.ErasedCalls, n+k)
	return s, nil
}

// masked takes somebody out of every text in JSON; what else stands in it stays as it is.
func masked(body string, mask func(string) (string, bool)) (string, bool) {
	d := json.NewDecoder(bytes.NewReader([]byte(body)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return mask(body)
	}
	changed := false
	var walk func(v any) any
	walk = func(v any) any {
		switch x := v.(type) {
		case string:
			s, c := mask(x)
			changed = changed || c
			return s
		case []any:
			for i := range x {
				x[i] = walk(x[i])
			}
		case map[string]any:
			for k := range x {
				x[k] = walk(x[k])
			}
		}
		return v
	}
	v = walk(v)
	if !changed {
		return body, false
	}
	b, err := json.Marshal(v)
	if err != nil { // what was read can be written
		return "", true
	}
	return string(b), true
}
