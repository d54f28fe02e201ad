package growth

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// ImprovementState is where a public entry stands. It is stored in the database.
type ImprovementState string

// The states of an improvement.
const (
	ImprovementDraft     ImprovementState = "draft"
	ImprovementAsked     ImprovementState = "asked"     // waits for whoever the company says
	ImprovementApproved  ImprovementState = "approved"  // may be published
	ImprovementPublished ImprovementState = "published" // stands on the growth page and in the record for good
)

// Improvement is what was changed: you said, we did, it worked.
type Improvement struct {
	ID          ImprovementID
	Company     team.CompanyID
	Case        CaseID
	CaseNumber  int
	Number      int // of the published ones of the company, from 1; 0: not published
	Handle      record.Handle
	State       ImprovementState
	Title       Words     // "The divider in the boxes"
	Stone       Words     // one word for the arch: "boxes"
	Said        Words     // you said
	Did         Words     // we did
	Since       time.Time // since when the change is in force
	Voices      int       // criticisms in its case when it was published
	Others      int       // people besides the one quoted
	QuotedAs    string    // "Elena C." or ""
	Trend       Trend     // as of CheckedAt
	CheckedAt   time.Time
	Later       []Line // what was added after publishing, oldest first
	ApprovedBy  team.MemberID
	ApprovedAt  time.Time
	PublishedBy team.MemberID
	PublishedAt time.Time
	Leaf        int64  // its place in the record; -1: none
	Salt        []byte // opens the record's commitment to Canonical; nil: not published, or who is quoted was erased
	Better      int    // people who confirmed that it is better
	NotBetter   int    // people who said that it is not

	quoted CriticismID // whose words Said is, or was before a member wrote it
	own    bool        // a member wrote Said
}

// Line is what was added to a published entry.
type Line struct {
	At   time.Time
	Text Words
}

// DraftIn replaces the text of an entry that is not published.
type DraftIn struct{ Title, Stone, Said, Did Words }

// Bounds of a public entry, in characters, in each language.
const (
	maxEntryTitle = maxTitle
	maxStone      = 16
	maxSaid       = 500
	maxDid        = 1000
	maxAdded      = 500
	maxReason     = 1000
)

// wrong lists everything that cannot be. least is 1 when it must be whole, 0 while it is being written.
func (in DraftIn) wrong(least int) []fault.Field {
	fields := slices.Concat(in.Title.wrong("title", least, maxEntryTitle), in.Stone.wrong("stone", least, maxStone),
		in.Said.wrong("said", least, maxSaid), in.Did.wrong("did", least, maxDid))
	if strings.ContainsAny(in.Stone.IT+in.Stone.EN, " \n") {
		fields = append(fields, fault.Field{Name: "stone", Key: "growth.improvement.stone"})
	}
	return fields
}

// ChangeImprovement changes the text of a draft; an approval, and the wish for one, are gone by this. It needs GrowthManage; the
// case's owner may too.
func (g *Growth) ChangeImprovement(ctx context.Context, actor team.Actor, id ImprovementID, in DraftIn) error {
	in = DraftIn{Title: in.Title.tidy(), Stone: in.Stone.tidy(), Said: in.Said.tidy(), Did: in.Did.tidy()}
	if err := fault.InvalidFields(in.wrong(0)...); err != nil {
		return err
	}
	return g.changeImprovement(ctx, actor, id, "growth.improvement.change", func(ctx context.Context, tx *store.Tx, i *Improvement, c Case) error {
		if err := mayWrite(actor, c); err != nil {
			return err
		}
		if i.State == ImprovementPublished {
			return published()
		}
		i.own = i.own || in.Said != i.Said
		i.Title, i.Stone, i.Said, i.Did = in.Title, in.Stone, in.Said, in.Did
		i.State, i.ApprovedBy, i.ApprovedAt = ImprovementDraft, "", time.Time{}
		return nil
	})
}

// AskApproval hands a draft to whoever the company says. It needs GrowthManage; the case's owner may too.
func (g *Growth) AskApproval(ctx context.Context, actor team.Actor, id ImprovementID) error {
	return g.changeImprovement(ctx, actor, id, "growth.improvement.ask", func(ctx context.Context, tx *store.Tx, i *Improvement, c Case) error {
		if err := mayWrite(actor, c); err != nil {
			return err
		}
		if i.State != ImprovementDraft {
			return elsewhere(*i)
		}
		if err := fault.InvalidFields(i.draft().wrong(1)...); err != nil {
			return err
		}
		i.State = ImprovementAsked
		return g.diary(ctx, tx, actor, i.Case, "improvement_asked", nil)
	})
}

// ApproveImprovement says that an entry may be published as it stands. The company's settings say who may.
func (g *Growth) ApproveImprovement(ctx context.Context, actor team.Actor, id ImprovementID) error {
	if err := g.approver(ctx, actor); err != nil {
		return err
	}
	return g.changeImprovement(ctx, actor, id, "growth.improvement.approve", func(ctx context.Context, tx *store.Tx, i *Improvement, _ Case) error {
		if i.State != ImprovementDraft && i.State != ImprovementAsked {
			return elsewhere(*i)
		}
		return g.approve(ctx, tx, actor, i)
	})
}

// approve notes an approval of an entry that is whole.
func (g *Growth) approve(ctx context.Context, tx *store.Tx, actor team.Actor, i *Improvement) error {
	if err := fault.InvalidFields(i.draft().wrong(1)...); err != nil {
		return err
	}
	i.State, i.ApprovedBy, i.ApprovedAt = ImprovementApproved, actor.Member, g.rooms.Clock.Now()
	return g.diary(ctx, tx, actor, i.Case, "improvement_approved", nil)
}

// ReturnImprovement sends an entry back to be changed, with a reason for the diary. Who may approve may.
func (g *Growth) ReturnImprovement(ctx context.Context, actor team.Actor, id ImprovementID, reason string) error {
	if err := g.approver(ctx, actor); err != nil {
		return err
	}
	reason = tidyText(reason)
	if n := text.Graphemes(reason); n == 0 || n > maxReason {
		return fault.InvalidFields(fault.Field{Name: "reason", Key: "growth.improvement.reason", Args: map[string]any{"max": maxReason}})
	}
	return g.changeImprovement(ctx, actor, id, "growth.improvement.return", func(ctx context.Context, tx *store.Tx, i *Improvement, _ Case) error {
		if i.State != ImprovementAsked && i.State != ImprovementApproved {
			return elsewhere(*i)
		}
		i.State, i.ApprovedBy, i.ApprovedAt = ImprovementDraft, "", time.Time{}
		return g.diary(ctx, tx, actor, i.Case, "improvement_returned", map[string]string{"reason": reason})
	})
}

// Publish puts an approved entry on the growth page and into the record, for good. It needs GrowthPublish. Who may approve
// may publish a draft at once: that is an approval too.
func (g *Growth) Publish(ctx context.Context, actor team.Actor, id ImprovementID) error {
	if err := actor.May(team.GrowthPublish); err != nil {
		return err
	}
	may, err := g.MayApprove(ctx, actor)
	if err != nil {
		return err
	}
	return g.changeImprovement(ctx, actor, id, "growth.improvement.publish", func(ctx context.Context, tx *store.Tx, i *Improvement, c Case) error {
		switch {
		case i.State == ImprovementPublished:
			return published()
		case c.State != CaseChanged: // it was taken up again meanwhile
			return fault.New(fault.Conflict, "growth.improvement.reopened")
		case i.State == ImprovementApproved:
		case !may:
			return fault.New(fault.Conflict, "growth.improvement.unapproved")
		default:
			if err := g.approve(ctx, tx, actor, i); err != nil {
				return err
			}
		}
		return g.publish(ctx, tx, actor, i, c)
	})
}

// publish makes an approved entry public.
func (g *Growth) publish(ctx context.Context, tx *store.Tx, actor team.Actor, i *Improvement, c Case) error {
	company, err := g.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return err
	}
	voices, err := g.voicesOf(ctx, actor.Company, c.ID)
	if err != nil {
		return err
	}
	now := g.rooms.Clock.Now()
	i.measure(voices, now, company.Location())
	i.QuotedAs = quotedAs(voices, i.quoted)
	i.State, i.PublishedBy, i.PublishedAt, i.Salt = ImprovementPublished, actor.Member, now, record.NewSalt()
	places, err := g.ink(ctx, tx, actor.Company,
		record.Leaf{Kind: record.Published, Subject: i.Handle, Of: c.Handle, Commit: record.Commit(i.Salt, record.OfEntry, i.Canonical())}, i.effect())
	if err != nil {
		return err
	}
	i.Leaf = places[0]
	if i.Number, err = g.nextEntry(ctx, actor.Company); err != nil {
		return err
	}
	if err := g.prepareLetters(ctx, tx, company, c, *i, voices); err != nil {
		return err
	}
	return g.diary(ctx, tx, actor, c.ID, "improvement_published", map[string]string{"number": fmt.Sprint(i.Number)})
}

// AddLine adds a line to a published entry. It needs GrowthPublish.
func (g *Growth) AddLine(ctx context.Context, actor team.Actor, id ImprovementID, line Words) error {
	if err := actor.May(team.GrowthPublish); err != nil {
		return err
	}
	line = line.tidy()
	if err := fault.InvalidFields(line.wrong("text", 1, maxAdded)...); err != nil {
		return err
	}
	return g.changeImprovement(ctx, actor, id, "growth.improvement.line", func(ctx context.Context, tx *store.Tx, i *Improvement, _ Case) error {
		if i.State != ImprovementPublished {
			return fault.New(fault.Conflict, "growth.improvement.unpublished")
		}
		i.Later = append(i.Later, Line{At: g.rooms.Clock.Now(), Text: line})
		return g.diary(ctx, tx, actor, i.Case, "improvement_line", nil)
	})
}

// ToApprove lists the entries that wait for the actor's approval, oldest first; none when the actor may not approve.
func (g *Growth) ToApprove(ctx context.Context, actor team.Actor) ([]Improvement, error) {
	may, err := g.MayApprove(ctx, actor)
	if err != nil || !may {
		return nil, err
	}
	is, err := g.improvementsIn(ctx, actor.Company, ImprovementAsked)
	if err != nil {
		return nil, fmt.Errorf("growth.ToApprove: %w", err)
	}
	return is, nil
}

// MayApprove tells whether the company's settings let the actor approve. A token must hold GrowthPublish.
func (g *Growth) MayApprove(ctx context.Context, actor team.Actor) (bool, error) {
	if actor.Company == "" || !slices.Contains(team.Roles, actor.Role) {
		return false, actor.May(team.GrowthRead)
	}
	if actor.Scopes != nil && !slices.Contains(actor.Scopes, team.GrowthPublish) {
		return false, nil
	}
	s, err := g.settingsOf(ctx, actor.Company)
	if err != nil {
		return false, fmt.Errorf("growth.MayApprove: %w", err)
	}
	return slices.Contains(s.Approvers, actor.Role), nil
}

// approver is nil when the actor may approve.
func (g *Growth) approver(ctx context.Context, actor team.Actor) error {
	may, err := g.MayApprove(ctx, actor)
	if err == nil && !may {
		err = fault.New(fault.Denied, "growth.improvement.approver")
	}
	return err
}

// mayWrite is nil when the actor may write the entry of a case; who may not even see it hears that it is not there.
func mayWrite(actor team.Actor, c Case) error {
	err := mayWork(actor, c.Owner)
	if err != nil && c.Owner != actor.Member && !actor.Can(team.GrowthRead) && actor.Own(team.GrowthManage) {
		return missingImprovement()
	}
	return err
}

// changeImprovement runs one change of an entry.
func (g *Growth) changeImprovement(ctx context.Context, actor team.Actor, id ImprovementID, verb string, f func(context.Context, *store.Tx, *Improvement, Case) error) error {
	if _, err := improvementKind.Parse(string(id)); err != nil {
		return missingImprovement()
	}
	err := g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := g.alone(ctx, tx, actor.Company); err != nil {
			return err
		}
		i, err := g.readImprovement(ctx, actor.Company, id)
		if err != nil {
			return err
		}
		c, err := g.caseRow(ctx, actor.Company, i.Case)
		if err != nil {
			return err
		}
		if err := f(ctx, tx, &i, c.file()); err != nil {
			return err
		}
		if err := g.saveImprovement(ctx, tx, i); err != nil {
			return err
		}
		if err := g.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: verb, ObjectKind: "case", ObjectID: string(i.Case)}); err != nil {
			return err
		}
		return g.touchedCase(ctx, tx, actor.Company, i.Case)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}

func (i Improvement) draft() DraftIn {
	return DraftIn{Title: i.Title, Stone: i.Stone, Said: i.Said, Did: i.Did}
}

// effect is the leaf that says what came of an entry.
func (i Improvement) effect() record.Leaf {
	return record.Leaf{Kind: record.Effect, Subject: i.Handle, Outcome: i.Trend.Outcome, Before: i.Trend.Before, After: i.Trend.After}
}

// measure counts who speaks in a case, and whether the change worked.
func (i *Improvement) measure(voices []Voice, now time.Time, loc *time.Location) {
	cs := make([]complaint, len(voices))
	people := map[string]bool{}
	for n, v := range voices {
		cs[n] = complaint{who: speaker(v.ID, cmp.Or(string(v.From.Person), string(v.Identity))), at: v.SaidAt}
		people[cs[n].who] = true
	}
	i.Voices, i.Others = len(voices), max(0, len(people)-1)
	i.Trend, i.CheckedAt = trendOf(cs, i.Since, now, loc), now
}

// speaker tells people apart. Who cannot be told apart from others counts as one of their own.
func speaker(id CriticismID, person string) string {
	return cmp.Or(person, string(id))
}

// elsewhere says that an entry is not where it would have to be.
func elsewhere(i Improvement) error {
	if i.State == ImprovementPublished {
		return published()
	}
	return fault.New(fault.Conflict, "growth.improvement.moved")
}

func published() error { return fault.New(fault.Conflict, "growth.improvement.published") }

// missingImprovement says that an entry is not there.
func missingImprovement() error { return fault.New(fault.NotFound, "growth.improvement.missing") }
