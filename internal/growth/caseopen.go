package growth

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
	"github.com/ponte-desk/ponte/internal/triage"
)

// Bounds of what is written about a case, in characters.
const (
	maxTitle = 120
	maxBody  = 4000
	maxLine  = 300
)

// OpenIn opens a case.
type OpenIn struct {
	Title        string
	Theme        triage.Theme          // "" of the first criticism
	Interactions []inbox.InteractionID // at least one, at most 200; those that were no criticism yet become it by this
	Owner        team.MemberID
	DueAt        time.Time
}

// Open opens a case from interactions. It needs GrowthManage.
func (g *Growth) Open(ctx context.Context, actor team.Actor, in OpenIn) (Case, error) {
	if err := actor.May(team.GrowthManage); err != nil {
		return Case{}, err
	}
	in.Title = strings.Join(strings.Fields(in.Title), " ")
	wrong := append(wrongTitle(in.Title), wrongTheme(in.Theme)...)
	if err := fault.InvalidFields(append(wrong, wrongVoices(in.Interactions)...)...); err != nil {
		return Case{}, err
	}
	var c Case
	err := g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		w, rows, err := g.together(ctx, tx, actor, "", in.Interactions)
		if err != nil {
			return err
		}
		if err := g.active(ctx, actor.Company, in.Owner); err != nil {
			return err
		}
		r := &caseRow{
			ID: CaseID(caseKind.New(w.now)), CompanyID: actor.Company, Handle: record.NewHandle(), Title: in.Title, Theme: in.Theme,
			State: CaseHeard, OwnerID: in.Owner, DueAt: clock.Trim(in.DueAt), OpenedBy: actor.Member, OpenedAt: w.now, UpdatedAt: w.now,
		}
		for _, v := range rows {
			if r.Theme == "" {
				r.Theme = v.Theme
			}
		}
		if r.Number, err = g.caseNumber(ctx, tx, actor.Company); err != nil {
			return err
		}
		r.Rank = rankOf(r)
		if err := g.insertCase(ctx, tx, r); err != nil {
			return err
		}
		if err := g.accept(ctx, w, r, rows); err != nil {
			return err
		}
		if err := g.updateCase(ctx, tx, r); err != nil {
			return err
		}
		if err := g.diary(ctx, tx, actor, r.ID, "opened", map[string]string{"n": strconv.Itoa(len(rows))}); err != nil {
			return err
		}
		if r.OwnerID != "" {
			if err := g.diary(ctx, tx, actor, r.ID, "owner", map[string]string{"member": string(r.OwnerID)}); err != nil {
				return err
			}
		}
		if err := g.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: "growth.case.open", ObjectKind: "case", ObjectID: string(r.ID)}); err != nil {
			return err
		}
		if err := g.touchedCase(ctx, tx, actor.Company, r.ID); err != nil {
			return err
		}
		full, err := g.counted(ctx, actor.Company, []caseRow{*r})
		if err == nil {
			c = full[0]
		}
		return err
	})
	if err != nil {
		return Case{}, fmt.Errorf("growth.Open: %w", err)
	}
	return c, nil
}

// Join puts interactions into a case that is there, whatever its state: who says the same after a change says that it did not
// help. What is in it already stays. It needs GrowthManage.
func (g *Growth) Join(ctx context.Context, actor team.Actor, c CaseID, is []inbox.InteractionID) error {
	if err := actor.May(team.GrowthManage); err != nil {
		return err
	}
	if _, err := caseKind.Parse(string(c)); err != nil {
		return noCase()
	}
	if err := fault.InvalidFields(wrongVoices(is)...); err != nil {
		return err
	}
	err := g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := g.caseRow(ctx, actor.Company, c); err != nil {
			return err
		}
		w, rows, err := g.together(ctx, tx, actor, c, is)
		if err != nil {
			return err
		}
		r, err := g.caseRow(ctx, actor.Company, c)
		if err != nil {
			return err
		}
		if err := g.accept(ctx, w, r, rows); err != nil {
			return err
		}
		if len(rows) == 0 {
			return nil
		}
		r.UpdatedAt = w.now
		if err := g.updateCase(ctx, tx, r); err != nil {
			return err
		}
		if err := g.diary(ctx, tx, actor, c, "joined", map[string]string{"n": strconv.Itoa(len(rows))}); err != nil {
			return err
		}
		if err := g.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: "growth.case.join", ObjectKind: "case", ObjectID: string(c)}); err != nil {
			return err
		}
		return g.touchedCase(ctx, tx, actor.Company, c)
	})
	if err != nil {
		return fmt.Errorf("growth.Join: %w", err)
	}
	return nil
}

// together gets interactions ready for a case: what was no criticism yet becomes one by the actor's word, which teaches triage. What
// is in that case already is left out; what is in another is a Conflict.
func (g *Growth) together(ctx context.Context, tx *store.Tx, actor team.Actor, c CaseID, ids []inbox.InteractionID) (*hearing, []*criticismRow, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	is, err := g.interactions(ctx, actor.Company, ids)
	if err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(is, func(a, b inbox.Interaction) int { return a.At.Compare(b.At) })
	known, err := g.criticismsOf(ctx, actor.Company, ids)
	if err != nil {
		return nil, nil, err
	}
	var new []inbox.Interaction
	for _, i := range is {
		if r := known[i.ID]; r == nil || r.State != Counted {
			new = append(new, i)
		}
	}
	taught, err := g.teach(ctx, actor, new, true, "")
	if err != nil {
		return nil, nil, err
	}
	w, err := g.hearing(ctx, tx, actor.Company)
	if err != nil {
		return nil, nil, err
	}
	if known, err = g.criticismsOf(ctx, actor.Company, ids); err != nil { // again: nobody else changes them now
		return nil, nil, err
	}
	var rows []*criticismRow
	for _, i := range is {
		r := known[i.ID]
		if r != nil && r.CaseID != "" {
			if r.CaseID == c {
				continue
			}
			other, err := g.caseRow(ctx, actor.Company, r.CaseID)
			if err != nil {
				return nil, nil, err
			}
			return nil, nil, fault.New(fault.Conflict, "growth.case.taken").With("number", other.Number)
		}
		r = w.hold(i, r, taught)
		w.count(r, actor)
		rows = append(rows, r)
	}
	return w, rows, nil
}

// accept takes criticisms into a case, in the record too where they stand in it.
func (g *Growth) accept(ctx context.Context, w *hearing, r *caseRow, rows []*criticismRow) error {
	for _, v := range rows {
		v.CaseID = r.ID
	}
	if err := w.write(ctx); err != nil { // heard first, then accepted
		return err
	}
	var leaves []record.Leaf
	for _, v := range rows {
		if v.Leaf >= 0 {
			leaves = append(leaves, record.Leaf{Kind: record.Accepted, Subject: v.Handle, Of: r.Handle})
			r.Public = true
		}
	}
	if _, err := g.ink(ctx, w.tx, w.company, leaves...); err != nil {
		return err
	}
	return g.resign(ctx, r)
}

// resign folds the criticisms of a case into its signature.
func (g *Growth) resign(ctx context.Context, r *caseRow) error {
	rows, err := g.ofCase(ctx, r.CompanyID, r.ID)
	if err != nil {
		return err
	}
	sigs := make([][]byte, 0, len(rows))
	for _, v := range rows {
		if len(v.Signature) > 0 {
			sigs = append(sigs, v.Signature)
		}
	}
	r.Signature = fold(sigs)
	return nil
}

// Part takes a criticism out of its case; a case keeps at least one. It needs GrowthManage.
func (g *Growth) Part(ctx context.Context, actor team.Actor, c CriticismID) error {
	if err := actor.May(team.GrowthManage); err != nil {
		return err
	}
	v, err := g.criticism(ctx, actor.Company, c)
	if err != nil {
		return fmt.Errorf("growth.Part: %w", err)
	}
	if v.CaseID == "" {
		return fault.New(fault.Conflict, "growth.criticism.nocase")
	}
	return g.onCase(ctx, actor, v.CaseID, needs(team.GrowthManage), "growth.case.part", func(ctx context.Context, tx *store.Tx, r *caseRow) ([]happened, error) {
		rows, err := g.ofCase(ctx, actor.Company, r.ID)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(rows, func(v criticismRow) bool { return v.ID == c })
		if at < 0 {
			return nil, fault.New(fault.Conflict, "growth.criticism.nocase")
		}
		v := rows[at]
		if v.State == Erased { // nothing is said of it any more, in the record neither
			return nil, fault.New(fault.Conflict, "growth.criticism.erased")
		}
		if len(rows) == 1 {
			return nil, fault.New(fault.Conflict, "growth.case.last")
		}
		if v.Leaf >= 0 {
			if _, err := g.ink(ctx, tx, actor.Company, record.Leaf{Kind: record.Parted, Subject: v.Handle, Of: r.Handle}); err != nil {
				return nil, err
			}
		}
		v.CaseID, v.Named, v.Quote = "", false, ""
		if err := g.updateCriticisms(ctx, tx, []*criticismRow{&v}); err != nil {
			return nil, err
		}
		if err := g.dropDraftLetter(ctx, tx, actor.Company, c); err != nil {
			return nil, err
		}
		return []happened{{"parted", nil}}, g.resign(ctx, r)
	})
}

func wrongTitle(title string) []fault.Field {
	if title == "" || text.Graphemes(title) > maxTitle {
		return []fault.Field{{Name: "title", Key: "growth.case.title", Args: map[string]any{"max": maxTitle}}}
	}
	return nil
}

func wrongTheme(t triage.Theme) []fault.Field {
	if t != "" && !knownTheme(t) {
		return []fault.Field{{Name: "theme", Key: "growth.criticism.theme"}}
	}
	return nil
}

func wrongVoices(is []inbox.InteractionID) []fault.Field {
	if len(is) == 0 || len(is) > maxTogether {
		return []fault.Field{{Name: "interactions", Key: "growth.case.voices", Args: map[string]any{"max": maxTogether}}}
	}
	return nil
}

// wrongLong finds a text that is longer than it may be, in characters.
func wrongLong(name, s string, most int) []fault.Field {
	if text.Graphemes(s) > most {
		return []fault.Field{{Name: name, Key: "growth.case.long", Args: map[string]any{"max": most}}}
	}
	return nil
}
