package growth

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
)

// Bounds of finding who says the same.
const (
	sameFor     = 366 * 24 * time.Hour // how far back it looks
	sameAmong   = 2000                 // criticisms that it looks at, the newest
	sameShown   = 100                  // voices that it gives
	casesAmong  = 500                  // open cases that it looks at
	likelyShown = 5
	maxTogether = 200 // interactions that are taken in hand at once
)

// Same are the criticisms that say the same as some interaction.
type Same struct {
	Voices []Voice   // others that say the same and are in no case, newest first; at most 100
	People int       // different people among all of them
	Since  time.Time // when the first of them was written
	Cases  []Likely  // cases about the same, open or changed, likeliest first; at most 5
}

// Likely is a case that something may belong to.
type Likely struct {
	Case  Case
	Score float64  // 0 to 1, of triage's similarity
	Words []string // what they have in common
}

// SaySame finds who says the same as these interactions, in the last year. It needs GrowthRead.
func (g *Growth) SaySame(ctx context.Context, actor team.Actor, is []inbox.InteractionID) (Same, error) {
	if err := actor.May(team.GrowthRead); err != nil {
		return Same{}, err
	}
	if len(is) == 0 || len(is) > maxTogether {
		return Same{}, fault.New(fault.Invalid, "growth.case.voices").With("max", maxTogether)
	}
	s, err := g.saySame(ctx, actor.Company, is)
	if err != nil {
		return Same{}, fmt.Errorf("growth.SaySame: %w", err)
	}
	return s, nil
}

func (g *Growth) saySame(ctx context.Context, c team.CompanyID, ids []inbox.InteractionID) (Same, error) {
	is, err := g.interactions(ctx, c, ids)
	if err != nil {
		return Same{}, err
	}
	sigs := make([][]byte, 0, len(is))
	for _, i := range is {
		if sig := signature(i.Text); len(sig) > 0 {
			sigs = append(sigs, sig)
		}
	}
	like, err := g.alike(ctx, c, sigs, ids)
	if err != nil {
		return Same{}, err
	}
	var s Same
	if s.People, err = g.people(ctx, c, identitiesOf(like)); err != nil {
		return Same{}, err
	}
	for _, r := range like {
		if s.Since.IsZero() || r.SaidAt.Before(s.Since) {
			s.Since = r.SaidAt
		}
	}
	if s.Voices, err = g.voicesByID(ctx, c, like); err != nil {
		return Same{}, err
	}
	s.Cases, err = g.likelyCases(ctx, c, is, sigs)
	return s, err
}

// trace is what finding needs of a criticism.
type trace struct {
	ID            CriticismID         `bun:"id"`
	InteractionID inbox.InteractionID `bun:"interaction_id"`
	IdentityID    audience.IdentityID `bun:"identity_id"`
	SaidAt        time.Time           `bun:"said_at"`
	Signature     []byte              `bun:"signature"`
}

// alike gives the criticisms of the last year that are in no case and say the same as one of these signatures, newest first.
func (g *Growth) alike(ctx context.Context, c team.CompanyID, sigs [][]byte, without []inbox.InteractionID) ([]trace, error) {
	if len(sigs) == 0 {
		return nil, nil
	}
	free, err := g.freeTraces(ctx, c, g.rooms.Clock.Now().Add(-sameFor), sameAmong)
	if err != nil {
		return nil, err
	}
	skip := map[inbox.InteractionID]bool{}
	for _, i := range without {
		skip[i] = true
	}
	return slices.DeleteFunc(free, func(t trace) bool {
		return skip[t.InteractionID] || !slices.ContainsFunc(sigs, func(s []byte) bool { return likeness(s, t.Signature) >= sameAt })
	}), nil
}

func identitiesOf(ts []trace) []audience.IdentityID {
	out := make([]audience.IdentityID, len(ts))
	for i, t := range ts {
		out[i] = t.IdentityID
	}
	return out
}

// voicesByID gives the words and people of the first traces.
func (g *Growth) voicesByID(ctx context.Context, c team.CompanyID, ts []trace) ([]Voice, error) {
	ids := make([]CriticismID, 0, sameShown)
	for _, t := range ts[:min(len(ts), sameShown)] {
		ids = append(ids, t.ID)
	}
	rows, err := g.criticismsByID(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b criticismRow) int { return cmp.Or(b.SaidAt.Compare(a.SaidAt), cmp.Compare(b.ID, a.ID)) })
	return g.voices(ctx, c, rows)
}

// who gives for each identity the person behind it. One that nobody knows any more, because it was erased, stands for a person.
func (g *Growth) who(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) (map[audience.IdentityID]string, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	known, err := g.rooms.Audience.IdentitiesByID(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[audience.IdentityID]string, len(ids))
	for _, id := range ids {
		out[id] = cmp.Or(string(known[id].Person), string(id))
	}
	return out, nil
}

// people counts the different people behind identities.
func (g *Growth) people(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) (int, error) {
	who, err := g.who(ctx, c, ids)
	if err != nil {
		return 0, err
	}
	return len(different(who)), nil
}

func different(who map[audience.IdentityID]string) map[string]bool {
	out := make(map[string]bool, len(who))
	for _, p := range who {
		out[p] = true
	}
	return out
}

// likelyCases gives the cases that interactions may belong to, likeliest first.
func (g *Growth) likelyCases(ctx context.Context, c team.CompanyID, is []inbox.Interaction, sigs [][]byte) ([]Likely, error) {
	rows, err := g.casesToJoin(ctx, c, casesAmong)
	if err != nil {
		return nil, err
	}
	type scored struct {
		row   caseRow
		score float64
	}
	var like []scored
	for _, r := range rows {
		best := 0.0
		for _, s := range sigs {
			best = max(best, likeness(s, r.Signature))
		}
		if best >= sameAt {
			like = append(like, scored{r, best})
		}
	}
	slices.SortStableFunc(like, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	like = like[:min(len(like), likelyShown)]
	cases := make([]caseRow, len(like))
	for i, l := range like {
		cases[i] = l.row
	}
	full, err := g.counted(ctx, c, cases)
	if err != nil {
		return nil, err
	}
	out := make([]Likely, len(like))
	for i, l := range like {
		rows, err := g.ofCase(ctx, c, l.row.ID)
		if err != nil {
			return nil, err
		}
		said, err := g.textsOf(ctx, c, rows[:min(len(rows), 20)])
		if err != nil {
			return nil, err
		}
		out[i] = Likely{Case: full[i], Score: l.score, Words: common(is, said)}
	}
	return out, nil
}

func (g *Growth) textsOf(ctx context.Context, c team.CompanyID, rows []criticismRow) ([]string, error) {
	ids := make([]inbox.InteractionID, 0, len(rows))
	for _, r := range rows {
		if r.InteractionID != "" {
			ids = append(ids, r.InteractionID)
		}
	}
	found, err := g.rooms.Inbox.InteractionsByID(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, id := range ids {
		if i := found[id]; i.DeletedAt.IsZero() {
			out = append(out, i.Text)
		}
	}
	return out, nil
}

// common are the words that interactions have in common with texts, as they are written in the interactions; at most 5.
func common(is []inbox.Interaction, texts []string) []string {
	theirs := map[string]int{}
	for _, t := range texts {
		for s := range stems(t) {
			theirs[s]++
		}
	}
	ours := map[string]string{}
	for _, i := range is {
		for s, w := range stems(i.Text) {
			if theirs[s] > 0 {
				ours[s] = w
			}
		}
	}
	found := slices.SortedFunc(keys(ours), func(a, b string) int { return cmp.Or(cmp.Compare(theirs[b], theirs[a]), cmp.Compare(a, b)) })
	out := make([]string, 0, 5)
	for _, s := range found[:min(len(found), 5)] {
		out = append(out, ours[s])
	}
	return out
}
