package growth

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// LetterState is where a letter stands. It is stored in the database.
type LetterState string

// The states of a letter.
const (
	LetterDraft    LetterState = "draft"    // waits for a person's yes
	LetterSent     LetterState = "sent"     // handed to the inbox as a reply; the reply says how it went
	LetterSkipped  LetterState = "skipped"  // a member decided not to write
	LetterAnswered LetterState = "answered" // they said whether it is better
)

// Letter is what goes back to a person who raised a case, where they wrote.
type Letter struct {
	ID           LetterID
	Case         CaseID
	Criticism    CriticismID
	Conversation inbox.ConversationID
	To           audience.Identity
	Text         string // with a link that stands for the personal one, which is made when the letter goes out
	State        LetterState
	Reply        inbox.ReplyID
	SentAt       time.Time
	SentBy       team.MemberID
	AnsweredAt   time.Time
	Better       bool
	Words        string // what they added
	Public       bool   // it answers what everybody can read, and so can its link be read: the first answer counts

	company     team.CompanyID
	improvement ImprovementID
	identity    audience.IdentityID
	hash        string // of the token in the personal link; "" while there is none
	tries       int    // how often the link was answered in the hour that began at triedAt
	triedAt     time.Time
}

// maxLetter bounds a letter, in characters; the networks bound it more narrowly when it goes out.
const maxLetter = 5000

// ChangeLetter changes a draft. The personal link must stay in it. It needs InboxReply.
func (g *Growth) ChangeLetter(ctx context.Context, actor team.Actor, id LetterID, words string) error {
	return g.changeLetter(ctx, actor, id, "growth.letter.change", func(_ context.Context, _ *store.Tx, l *Letter) error {
		if l.State != LetterDraft {
			return notDraft()
		}
		words = g.withoutLink(tidyText(words))
		switch {
		case text.Graphemes(words) > maxLetter:
			return fault.InvalidFields(fault.Field{Name: "text", Key: "growth.words.long", Args: map[string]any{"max": maxLetter}})
		case !strings.Contains(words, linkMark):
			return fault.InvalidFields(fault.Field{Name: "text", Key: "growth.letter.link", Args: map[string]any{"link": g.link(standIn)}})
		}
		l.Text = words
		return nil
	})
}

// Letter gives a letter as members see it. It needs InboxReply.
func (g *Growth) Letter(ctx context.Context, actor team.Actor, id LetterID) (Letter, error) {
	if err := actor.May(team.InboxReply); err != nil {
		return Letter{}, err
	}
	l, err := g.readLetter(ctx, actor.Company, id)
	if err != nil {
		return Letter{}, fmt.Errorf("growth.Letter: %w", err)
	}
	ls, err := g.shown(ctx, actor.Company, []Letter{l})
	if err != nil {
		return Letter{}, fmt.Errorf("growth.Letter: %w", err)
	}
	return ls[0], nil
}

// SkipLetter decides not to write. It needs InboxReply.
func (g *Growth) SkipLetter(ctx context.Context, actor team.Actor, id LetterID) error {
	return g.changeLetter(ctx, actor, id, "growth.letter.skip", func(_ context.Context, _ *store.Tx, l *Letter) error {
		if l.State != LetterDraft {
			return notDraft()
		}
		l.State = LetterSkipped
		return nil
	})
}

// SendLetter says yes to a letter: it goes out as a reply, under the rules of the inbox: what they wrote in private is answered
// in private, and a second person reads it where the company wants that. What a letter promises is asked about as in Answer. It needs
// InboxReply.
func (g *Growth) SendLetter(ctx context.Context, actor team.Actor, id LetterID, of Said) error {
	if err := actor.May(team.InboxReply); err != nil {
		return err
	}
	if _, err := letterKind.Parse(string(id)); err != nil {
		return missingLetter()
	}
	company, err := g.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return fmt.Errorf("growth.SendLetter: %w", err)
	}
	here := g.rooms.Clock.Now().In(company.Location())
	if err := wrongPromises(of.Promises, here); err != nil {
		return err
	}
	token, hash := newToken()
	err = g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		l, err := g.readLetter(ctx, actor.Company, id)
		if err != nil {
			return err
		}
		if l.State != LetterDraft {
			return notDraft()
		}
		if !of.covers(strings.ReplaceAll(l.Text, linkMark, g.link(standIn)), here) {
			return ErrAsked
		}
		said, err := g.criticism(ctx, actor.Company, l.Criticism)
		if err != nil {
			return err
		}
		finish, err := g.finish(ctx, actor.Company, l.Conversation)
		if err != nil {
			return err
		}
		// The inbox takes its rows first, see alone.
		r, err := g.rooms.Inbox.Reply(ctx, actor, inbox.ReplyIn{
			Conversation: l.Conversation, Answers: said.InteractionID, Text: strings.ReplaceAll(l.Text, linkMark, g.link(token)),
			Finish: finish, Anyway: true,
		})
		if err != nil {
			return err
		}
		was := l.Text
		if err := g.inLetter(ctx, tx, actor, id, "growth.letter.send", func(l *Letter) error {
			if l.State != LetterDraft || l.Text != was { // another hand was faster: nothing of this remains
				return notDraft()
			}
			l.State, l.Reply, l.SentAt, l.SentBy, l.hash = LetterSent, r.ID, g.rooms.Clock.Now(), actor.Member, hash
			return g.diary(ctx, tx, actor, l.Case, "letter_sent", nil)
		}); err != nil || len(of.Promises) == 0 {
			return err
		}
		return g.promise(ctx, tx, actor, company, r, of.Promises)
	})
	if err != nil {
		return fmt.Errorf("growth.SendLetter: %w", err)
	}
	return nil
}

// finish leaves a conversation settled that was; in any other we wait for what they say.
func (g *Growth) finish(ctx context.Context, c team.CompanyID, id inbox.ConversationID) (inbox.State, error) {
	t, err := g.rooms.Inbox.Open(ctx, team.System(c), id)
	if err != nil {
		return "", err
	}
	if t.Conversation.State == inbox.Done {
		return inbox.Done, nil
	}
	return inbox.Waiting, nil
}

// letterReplied takes a letter back into its drawer when the reply that it became will never go out.
func (g *Growth) letterReplied(ctx context.Context, tx *store.Tx, c team.CompanyID, r inbox.Reply) error {
	if r.State != inbox.ReplyRejected && r.State != inbox.ReplyWithdrawn {
		return nil
	}
	l, err := g.letterOfReply(ctx, c, r.ID)
	if err != nil || l == nil || l.State != LetterSent {
		return err
	}
	// The link stays good: the words went back to their author, who may send them by hand.
	l.State, l.Reply, l.SentAt, l.SentBy = LetterDraft, "", time.Time{}, ""
	if err := g.saveLetter(ctx, tx, *l); err != nil {
		return err
	}
	return g.touchedCase(ctx, tx, c, l.Case)
}

// changeLetter runs one change of a letter by a member who may answer.
func (g *Growth) changeLetter(ctx context.Context, actor team.Actor, id LetterID, verb string, f func(context.Context, *store.Tx, *Letter) error) error {
	if err := actor.May(team.InboxReply); err != nil {
		return err
	}
	if _, err := letterKind.Parse(string(id)); err != nil {
		return missingLetter()
	}
	err := g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return g.inLetter(ctx, tx, actor, id, verb, func(l *Letter) error { return f(ctx, tx, l) })
	})
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}

func (g *Growth) inLetter(ctx context.Context, tx *store.Tx, actor team.Actor, id LetterID, verb string, f func(*Letter) error) error {
	if err := g.alone(ctx, tx, actor.Company); err != nil {
		return err
	}
	l, err := g.readLetter(ctx, actor.Company, id)
	if err != nil {
		return err
	}
	if err := f(&l); err != nil {
		return err
	}
	if err := g.saveLetter(ctx, tx, l); err != nil {
		return err
	}
	if err := g.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: verb, ObjectKind: "case", ObjectID: string(l.Case)}); err != nil {
		return err
	}
	return g.touchedCase(ctx, tx, actor.Company, l.Case)
}

// shown gives letters as members see them: with the people, and with a link in place of its mark.
func (g *Growth) shown(ctx context.Context, c team.CompanyID, ls []Letter) ([]Letter, error) {
	ids := make([]audience.IdentityID, len(ls))
	for n, l := range ls {
		ids[n] = l.identity
	}
	who, err := g.rooms.Audience.IdentitiesByID(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	public, err := g.inTheOpen(ctx, c, ls)
	if err != nil {
		return nil, err
	}
	for n := range ls {
		ls[n].Public = public[ls[n].Criticism]
		ls[n].To, ls[n].Text = who[ls[n].identity], strings.ReplaceAll(ls[n].Text, linkMark, g.link(standIn))
	}
	return ls, nil
}

// inTheOpen tells which letters answer what everybody can read.
func (g *Growth) inTheOpen(ctx context.Context, c team.CompanyID, ls []Letter) (map[CriticismID]bool, error) {
	ids := make([]CriticismID, len(ls))
	for n, l := range ls {
		ids[n] = l.Criticism
	}
	rows, err := g.criticismsByID(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	is := make([]inbox.InteractionID, 0, len(rows))
	for _, r := range rows {
		if r.InteractionID != "" {
			is = append(is, r.InteractionID)
		}
	}
	said, err := g.rooms.Inbox.InteractionsByID(ctx, c, is)
	if err != nil {
		return nil, err
	}
	out := make(map[CriticismID]bool, len(rows))
	for _, r := range rows {
		if i, ok := said[r.InteractionID]; ok {
			out[r.ID] = inPublic(i.Visibility)
		}
	}
	return out, nil
}

// lettersOfCase lists the letters of a case, oldest first.
func (g *Growth) lettersOfCase(ctx context.Context, c team.CompanyID, id CaseID) ([]Letter, error) {
	ls, err := g.letters(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return g.shown(ctx, c, ls)
}

func notDraft() error { return fault.New(fault.Conflict, "growth.letter.settled") }

// missingLetter says that a letter is not there.
func missingLetter() error { return fault.New(fault.NotFound, "growth.letter.missing") }
