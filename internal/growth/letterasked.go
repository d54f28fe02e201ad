package growth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// How a personal link is guarded.
const (
	tokenBytes  = 16                   // 128 bits: it cannot be guessed
	linkGood    = 365 * 24 * time.Hour // after the letter; then it is spent
	answersHour = 5                    // answers by one link in an hour
	maxAnswer   = 500                  // characters of what they add
)

// newToken makes the secret of a personal link, and the hash under which it is kept.
func newToken() (token, hash string) {
	b := make([]byte, tokenBytes)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	token = base64.RawURLEncoding.EncodeToString(b)
	return token, hashToken(token)
}

func hashToken(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

// Asked is what a person sees who opens their personal link. Of the case only what the public may know is in it.
type Asked struct {
	Company     team.Company
	Improvement *Improvement // nil: it is not published
	Case        Case
	AnsweredAt  time.Time // zero: not yet
	Better      bool
	Public      bool // the link stands where everybody can read it: the first answer counts, and no other
}

// ReadAsked gives what a personal link shows. An unknown, spent or erased link is NotFound.
func (g *Growth) ReadAsked(ctx context.Context, token string) (Asked, error) {
	l, err := g.letterByToken(ctx, token)
	if err != nil {
		return Asked{}, fmt.Errorf("growth.ReadAsked: %w", err)
	}
	company, err := g.rooms.Team.Company(ctx, l.company)
	if err != nil {
		return Asked{}, fmt.Errorf("growth.ReadAsked: %w", err)
	}
	r, err := g.caseRow(ctx, l.company, l.Case)
	if err != nil {
		return Asked{}, fmt.Errorf("growth.ReadAsked: %w", err)
	}
	k := r.file()
	i, err := g.readImprovement(ctx, l.company, l.improvement)
	if err != nil {
		return Asked{}, fmt.Errorf("growth.ReadAsked: %w", err)
	}
	public, err := g.inTheOpen(ctx, l.company, []Letter{l})
	if err != nil {
		return Asked{}, fmt.Errorf("growth.ReadAsked: %w", err)
	}
	a := Asked{
		Public: public[l.Criticism], Company: company, AnsweredAt: l.AnsweredAt, Better: l.Better,
		Case: Case{Company: k.Company, Number: k.Number, Handle: k.Handle, Shown: k.PublicTitle(company.Locale), Theme: k.Theme, State: k.State, ChangedAt: k.ChangedAt},
	}
	if i.State == ImprovementPublished {
		a.Improvement = &i
	}
	return a, nil
}

// letterByToken finds the letter that a link came with.
func (g *Growth) letterByToken(ctx context.Context, token string) (Letter, error) {
	missing := fault.New(fault.NotFound, "growth.letter.asked")
	if len(token) != base64.RawURLEncoding.EncodedLen(tokenBytes) {
		return Letter{}, missing
	}
	l, err := g.letterByHash(ctx, hashToken(token))
	if err != nil {
		return Letter{}, err
	}
	if l == nil || !l.SentAt.IsZero() && g.rooms.Clock.Now().Sub(l.SentAt) > linkGood {
		return Letter{}, missing
	}
	return *l, nil
}

// AnswerAsked keeps what the person says: whether it is better, and words of theirs (at most 500 characters, for the team only).
// By a link that came in private the last word counts; the record gets a leaf for the first and for each change. A link that stands in
// public is answered once: whoever comes later gets a Conflict. More than five answers in an hour are Limited.
func (g *Growth) AnswerAsked(ctx context.Context, token string, better bool, words string) error {
	words = tidyText(words)
	if text.Graphemes(words) > maxAnswer {
		return fault.InvalidFields(fault.Field{Name: "words", Key: "growth.words.long", Args: map[string]any{"max": maxAnswer}})
	}
	err := g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		l, err := g.letterByToken(ctx, token)
		if err != nil {
			return err
		}
		if err := g.alone(ctx, tx, l.company); err != nil {
			return err
		}
		if l, err = g.letterByToken(ctx, token); err != nil { // again: nobody else changes it now
			return err
		}
		return g.answerAsked(ctx, tx, l, better, words)
	})
	if err != nil {
		return fmt.Errorf("growth.AnswerAsked: %w", err)
	}
	return nil
}

func (g *Growth) answerAsked(ctx context.Context, tx *store.Tx, l Letter, better bool, words string) error {
	now := g.rooms.Clock.Now()
	if now.Sub(l.triedAt) >= time.Hour {
		l.tries, l.triedAt = 0, now
	}
	if l.tries++; l.tries > answersHour {
		return fault.New(fault.Limited, "growth.letter.often").After(l.triedAt.Add(time.Hour).Sub(now))
	}
	if l.State == LetterAnswered {
		public, err := g.inTheOpen(ctx, l.company, []Letter{l})
		if err != nil {
			return err
		}
		if public[l.Criticism] {
			return fault.New(fault.Conflict, "growth.letter.once")
		}
	}
	said, err := g.criticism(ctx, l.company, l.Criticism)
	if err != nil {
		return err
	}
	news := l.State != LetterAnswered || l.Better != better
	l.State, l.AnsweredAt, l.Better, l.Words = LetterAnswered, now, better, words
	if err := g.saveLetter(ctx, tx, l); err != nil {
		return err
	}
	if !news {
		return g.touchedCase(ctx, tx, l.company, l.Case)
	}
	said.ConfirmedAt, said.Better = now, better
	if err := g.updateCriticisms(ctx, tx, []*criticismRow{said}); err != nil {
		return err
	}
	event, leaf := "letter_better", record.Leaf{Kind: record.Confirmed, Subject: said.Handle, Outcome: record.Worked}
	if !better {
		event, leaf.Outcome = "letter_not_better", record.NotWorked
	}
	if said.Leaf >= 0 && said.State == Counted {
		if _, err := g.ink(ctx, tx, l.company, leaf); err != nil {
			return err
		}
	}
	if err := g.countConfirmed(ctx, tx, l.company, l.improvement); err != nil {
		return err
	}
	if err := g.diary(ctx, tx, team.System(l.company), l.Case, event, nil); err != nil {
		return err
	}
	return g.touchedCase(ctx, tx, l.company, l.Case)
}
