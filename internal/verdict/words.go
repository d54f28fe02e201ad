package verdict

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// How many own words a company may have, and how long each may be, in characters.
const (
	maxWords = 200
	maxWord  = 60
)

// Words lists the company's own words: names of brands and products, which say nothing by themselves and are about us.
func (v *Verdicts) Words(ctx context.Context, actor team.Actor) ([]string, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return nil, err
	}
	ws, err := v.words(ctx, actor.Company)
	if err != nil {
		return nil, fmt.Errorf("verdict.Words: %w", err)
	}
	return ws, nil
}

// SetWords puts other own words in the place of all that were there. The company's model learns them.
func (v *Verdicts) SetWords(ctx context.Context, actor team.Actor, words []string) error {
	if err := actor.May(team.CompanyChange); err != nil {
		return err
	}
	var clean, folded []string
	seen := map[string]bool{}
	for _, w := range words {
		w = strings.Join(strings.Fields(w), " ")
		f := text.Fold(w)
		switch {
		case f == "" || seen[f]:
			continue
		case utf8.RuneCountInString(w) > maxWord:
			return fault.InvalidFields(fault.Field{Name: "words", Key: "verdict.words.long", Args: map[string]any{"max": maxWord}})
		}
		seen[f] = true
		clean, folded = append(clean, w), append(folded, f)
	}
	if len(clean) > maxWords {
		return fault.InvalidFields(fault.Field{Name: "words", Key: "verdict.words.many", Args: map[string]any{"max": maxWords}})
	}
	err := v.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := v.setWords(ctx, tx, actor.Company, clean, folded); err != nil {
			return err
		}
		if err := v.teach(ctx, tx, actor.Company); err != nil {
			return err
		}
		return v.team.Audit(ctx, tx, actor, team.Entry{Verb: "verdict.words", ObjectKind: "company", ObjectID: string(actor.Company)})
	})
	if err != nil {
		return fmt.Errorf("verdict.SetWords: %w", err)
	}
	return nil
}
