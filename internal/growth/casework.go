package growth

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// Bounds of what belongs to a case.
const (
	maxTasks    = 100
	maxEvidence = 100
	maxFigure   = 40   // characters
	maxLink     = 2000 // bytes
)

// AddTask adds something to do. Its owner may, and who has GrowthManage.
func (g *Growth) AddTask(ctx context.Context, actor team.Actor, c CaseID, body string, owner team.MemberID) (Task, error) {
	body = strings.Join(strings.Fields(body), " ")
	r := taskRow{ID: TaskID(taskKind.New(g.rooms.Clock.Now())), CompanyID: actor.Company, CaseID: c, Body: body, OwnerID: owner}
	err := g.onCase(ctx, actor, c, ownerOrManager, "growth.case.task", func(ctx context.Context, tx *store.Tx, _ *caseRow) ([]happened, error) {
		if body == "" || text.Graphemes(body) > maxLine {
			return nil, fault.InvalidFields(fault.Field{Name: "text", Key: "growth.case.task.text", Args: map[string]any{"max": maxLine}})
		}
		if err := g.active(ctx, actor.Company, owner); err != nil {
			return nil, err
		}
		have, err := g.tasks(ctx, actor.Company, c)
		if err != nil {
			return nil, err
		}
		if len(have) >= maxTasks {
			return nil, fault.New(fault.Conflict, "growth.case.task.many").With("max", maxTasks)
		}
		if owner == "" {
			return []happened{{"task", nil}}, g.insertTask(ctx, tx, &r)
		}
		return []happened{{"task_for", map[string]string{"member": string(owner)}}}, g.insertTask(ctx, tx, &r)
	})
	if err != nil {
		return Task{}, err
	}
	return r.task(), nil
}

// onTask runs a change of a task, which who may see its case sees.
func (g *Growth) onTask(ctx context.Context, actor team.Actor, t TaskID, own bool, f func(ctx context.Context, tx *store.Tx, r *taskRow) ([]happened, error)) error {
	if _, err := works(actor); err != nil {
		return err
	}
	r, err := g.task(ctx, actor.Company, t)
	if err != nil {
		return fmt.Errorf("growth.case.task: %w", err)
	}
	may := rule(ownerOrManager)
	if own {
		may = func(a team.Actor, c *caseRow) error {
			if r.OwnerID != "" && r.OwnerID == a.Member {
				return a.MayOwn(team.GrowthManage)
			}
			return ownerOrManager(a, c)
		}
	}
	return g.onCase(ctx, actor, r.CaseID, may, "growth.case.task", func(ctx context.Context, tx *store.Tx, _ *caseRow) ([]happened, error) {
		r, err := g.task(ctx, actor.Company, t) // again: nobody else changes it now
		if err != nil {
			return nil, err
		}
		return f(ctx, tx, r)
	})
}

// FinishTask says that a task is done, or not (done false). Who owns it or the case may, and who has GrowthManage.
func (g *Growth) FinishTask(ctx context.Context, actor team.Actor, t TaskID, done bool) error {
	return g.onTask(ctx, actor, t, true, func(ctx context.Context, tx *store.Tx, r *taskRow) ([]happened, error) {
		if done != r.DoneAt.IsZero() {
			return nil, nil // it is so already
		}
		key := "task_open"
		r.DoneAt, r.DoneBy = zero, ""
		if done {
			key, r.DoneAt, r.DoneBy = "task_done", g.rooms.Clock.Now(), actor.Member
		}
		return []happened{{key, nil}}, g.updateTask(ctx, tx, r)
	})
}

// DropTask takes a task away. The case's owner may, and who has GrowthManage.
func (g *Growth) DropTask(ctx context.Context, actor team.Actor, t TaskID) error {
	return g.onTask(ctx, actor, t, false, func(ctx context.Context, tx *store.Tx, r *taskRow) ([]happened, error) {
		return []happened{{"task_dropped", nil}}, g.deleteTask(ctx, tx, r)
	})
}

// AddEvidence adds a piece of evidence: ID, Member and At are filled in. The case's owner may, and who has GrowthManage. A link is kept
// and shown as it stands; it is never read from here.
func (g *Growth) AddEvidence(ctx context.Context, actor team.Actor, c CaseID, e Evidence) (Evidence, error) {
	e.ID, e.Member, e.At = EvidenceID(evidenceKind.New(g.rooms.Clock.Now())), actor.Member, g.rooms.Clock.Now()
	e.Text, e.URL, e.Value, e.OutOf = tidyText(e.Text), strings.TrimSpace(e.URL), strings.TrimSpace(e.Value), strings.TrimSpace(e.OutOf)
	err := g.onCase(ctx, actor, c, ownerOrManager, "growth.case.evidence", func(ctx context.Context, tx *store.Tx, _ *caseRow) ([]happened, error) {
		if err := fault.InvalidFields(e.wrong()...); err != nil {
			return nil, err
		}
		if e.Kind == EvidencePicture {
			f, err := g.rooms.Media.Get(ctx, string(actor.Company), media.ID(e.Media))
			if err != nil {
				return nil, err
			}
			if !f.Image() {
				return nil, fault.InvalidFields(fault.Field{Name: "media", Key: "growth.case.evidence.picture"})
			}
		}
		have, err := g.evidences(ctx, actor.Company, c)
		if err != nil {
			return nil, err
		}
		if len(have) >= maxEvidence {
			return nil, fault.New(fault.Conflict, "growth.case.evidence.many").With("max", maxEvidence)
		}
		return []happened{{evidenceEvents[e.Kind], nil}}, g.insertEvidence(ctx, tx, &evidenceRow{
			ID: e.ID, CompanyID: actor.Company, CaseID: c, Kind: e.Kind, Body: e.Text, URL: e.URL, MediaID: e.Media, Value: e.Value, OutOf: e.OutOf,
			MemberID: e.Member, At: e.At,
		})
	})
	if err != nil {
		return Evidence{}, err
	}
	return e, nil
}

// evidenceEvents are the lines of the diary for each kind.
var evidenceEvents = map[EvidenceKind]string{
	EvidenceText: "evidence_text", EvidenceLink: "evidence_link", EvidencePicture: "evidence_picture", EvidenceFigure: "evidence_figure",
}

// wrong lists everything about a piece of evidence that cannot be, and forgets what does not belong to its kind.
func (e *Evidence) wrong() []fault.Field {
	if !slices.Contains([]EvidenceKind{EvidenceText, EvidenceLink, EvidencePicture, EvidenceFigure}, e.Kind) {
		return []fault.Field{{Name: "kind", Key: "growth.case.evidence.kind"}}
	}
	wrong := wrongLong("text", e.Text, maxBody)
	if e.Text == "" {
		wrong = append(wrong, fault.Field{Name: "text", Key: "growth.case.evidence.text"})
	}
	if e.Kind != EvidenceLink {
		e.URL = ""
	} else if !web(e.URL) {
		wrong = append(wrong, fault.Field{Name: "url", Key: "growth.case.evidence.link"})
	}
	if e.Kind != EvidencePicture {
		e.Media = ""
	} else if e.Media == "" {
		wrong = append(wrong, fault.Field{Name: "media", Key: "growth.case.evidence.picture"})
	}
	if e.Kind != EvidenceFigure {
		e.Value, e.OutOf = "", ""
	} else if e.Value == "" || text.Graphemes(e.Value) > maxFigure || text.Graphemes(e.OutOf) > maxFigure {
		wrong = append(wrong, fault.Field{Name: "value", Key: "growth.case.evidence.figure", Args: map[string]any{"max": maxFigure}})
	}
	return wrong
}

// web tells whether an address can be followed safely: https, a host, nobody's name and password in it.
func web(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && len(s) <= maxLink
}

// DropEvidence takes a piece of evidence away. The case's owner may, and who has GrowthManage. The file of a picture stays with the
// company's files.
func (g *Growth) DropEvidence(ctx context.Context, actor team.Actor, e EvidenceID) error {
	if _, err := works(actor); err != nil {
		return err
	}
	r, err := g.evidence(ctx, actor.Company, e)
	if err != nil {
		return fmt.Errorf("growth.DropEvidence: %w", err)
	}
	return g.onCase(ctx, actor, r.CaseID, ownerOrManager, "growth.case.evidence", func(ctx context.Context, tx *store.Tx, _ *caseRow) ([]happened, error) {
		r, err := g.evidence(ctx, actor.Company, e)
		if err != nil {
			return nil, err
		}
		return []happened{{"evidence_dropped", nil}}, g.deleteEvidence(ctx, tx, r)
	})
}

// maxQuote bounds what is quoted, in characters.
const maxQuote = 500

// SetQuote says how a criticism is quoted in public: with the person's name or without, all of it or a part that must be
// in it. It needs GrowthManage.
func (g *Growth) SetQuote(ctx context.Context, actor team.Actor, c CriticismID, named bool, part string) error {
	if err := actor.May(team.GrowthManage); err != nil {
		return err
	}
	part = tidyText(part)
	v, err := g.criticism(ctx, actor.Company, c)
	if err != nil {
		return fmt.Errorf("growth.SetQuote: %w", err)
	}
	if v.CaseID == "" {
		return fault.New(fault.Conflict, "growth.criticism.nocase")
	}
	return g.onCase(ctx, actor, v.CaseID, needs(team.GrowthManage), "growth.case.quote", func(ctx context.Context, tx *store.Tx, r *caseRow) ([]happened, error) {
		v, err := g.criticism(ctx, actor.Company, c)
		if err != nil {
			return nil, err
		}
		if v.CaseID != r.ID || v.State == Erased {
			return nil, fault.New(fault.Conflict, "growth.criticism.nocase")
		}
		i, err := g.interaction(ctx, actor.Company, v.InteractionID)
		if err != nil {
			return nil, err
		}
		if !i.DeletedAt.IsZero() {
			return nil, fault.New(fault.Conflict, "growth.case.quote.gone")
		}
		if text.Graphemes(part) > maxQuote || part != "" && !quotes(i.Text, part) {
			return nil, fault.InvalidFields(fault.Field{Name: "part", Key: "growth.case.quote.part", Args: map[string]any{"max": maxQuote}})
		}
		v.Named, v.Quote = named, part
		if err := g.updateCriticisms(ctx, tx, []*criticismRow{v}); err != nil {
			return nil, err
		}
		return []happened{{"quoted", nil}}, g.requote(ctx, tx, actor.Company, r.ID, "")
	})
}

// quotes tells whether a part stands in a text, whatever the spaces and line breaks between its words.
func quotes(whole, part string) bool {
	return strings.Contains(strings.Join(strings.Fields(whole), " "), strings.Join(strings.Fields(part), " "))
}
