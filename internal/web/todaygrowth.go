package web

import (
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// How much of each stands on the page of today.
const (
	casesToday    = 4
	promisesToday = 4
	doubtsToday   = 3
	soon          = 7 * 24 * time.Hour // a promise that is due within it is soon
)

// firstCriticism says why what they wrote comes first, when it is criticism: at most two reasons.
func (d *desk) firstCriticism(c inbox.Conversation, v verdict.Verdict) ([]string, error) {
	if !c.Criticism && !c.Doubt || !critical(v) {
		return nil, nil
	}
	kind, theme := "doubt", firstTheme(v)
	switch {
	case c.Criticism && theme != "":
		kind = "about"
	case c.Criticism:
		kind = "criticism"
	}
	out := []string{d.t("todaypage.because."+kind, "theme", d.theme(theme))}
	if c.Private {
		out[0] = d.t("todaypage.privately."+kind, "theme", d.theme(theme))
	}
	if !d.v.actor.Can(team.GrowthRead) || c.LastIn == "" {
		return out, nil
	}
	same, err := d.rooms.Growth.SaySame(d.ctx(), d.v.actor, []inbox.InteractionID{c.LastIn})
	if err != nil {
		return nil, err
	}
	if same.People > 0 {
		out = append(out, d.v.words.N("todaypage.because.same", same.People, "date", d.dayMonth(same.Since)))
	}
	return out, nil
}

// marksIn finds words in a text that is not the one they were found in: shortened, or without the names in front.
func marksIn(text string, words []string) []view.Span {
	var out []view.Span
	for _, w := range words {
		if at := strings.Index(text, w); at >= 0 {
			out = append(out, view.Span{From: at, To: at + len(w)})
		}
	}
	slices.SortFunc(out, func(a, b view.Span) int { return a.From - b.From })
	return out
}

// todayEntries lists the public entries that wait for this member's yes.
func (d *desk) todayEntries(t *view.Today) error {
	all, err := d.rooms.Growth.ToApprove(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	for _, i := range all {
		title, _ := i.Title.In(d.v.lang)
		did, _ := i.Did.In(d.v.lang)
		t.Approve = append(t.Approve, view.TodayApprove{
			Icon: "growth", Title: title, Text: cutWords(did, 140), Href: view.PathCases + "/" + string(i.Case) + "#next",
			Notes: []string{d.t("todaypage.entry"), d.t("caselist.number", "number", d.v.words.Number(i.CaseNumber))},
		})
	}
	return nil
}

// todayCases lists the member's own cases, then those that are late, and what they have to do for a case.
func (d *desk) todayCases(t *view.Today) error {
	filters := []growth.CaseFilter{{States: openStates, Owner: d.v.actor.Member, Limit: casesToday}}
	switch {
	case !d.v.actor.Can(team.GrowthRead):
		filters = []growth.CaseFilter{{States: openStates, Limit: casesToday}}
	case d.v.actor.Can(team.GrowthManage):
		filters = append(filters, growth.CaseFilter{Late: true, Limit: casesToday})
	}
	seen := map[growth.CaseID]bool{}
	for _, f := range filters {
		if f.Owner == "" && !f.Late && d.v.actor.Can(team.GrowthRead) {
			continue // who is no member in person has none of their own
		}
		page, err := d.rooms.Growth.Cases(d.ctx(), d.v.actor, f)
		if err != nil {
			return err
		}
		for _, c := range page.Cases {
			if !seen[c.ID] && len(seen) < casesToday {
				seen[c.ID] = true
				t.Cases = append(t.Cases, d.caseRow(c))
			}
		}
		if d.v.actor.Can(team.GrowthRead) {
			continue
		}
		// Who sees only what is theirs finds here what there is to do, too.
		for _, c := range page.Cases {
			if c.TasksOpen == 0 {
				continue
			}
			file, err := d.rooms.Growth.OpenFile(d.ctx(), d.v.actor, c.ID)
			if err != nil {
				return err
			}
			k := d.caseDesk(file, caseState{})
			for _, x := range file.Tasks {
				if x.Owner == d.v.actor.Member && x.DoneAt.IsZero() {
					row := k.task(x)
					row.DropURL, row.Name = "", c.Title
					t.Tasks = append(t.Tasks, view.TodayTask{Task: row})
				}
			}
		}
	}
	return nil
}

// todayPromises lists promises that are due soon or broken.
func (d *desk) todayPromises(t *view.Today) error {
	f := growth.PromiseFilter{Limit: promisesToday}
	if d.v.actor.Can(team.GrowthRead) && !d.v.actor.Can(team.GrowthManage) {
		if f.Owner = d.v.actor.Member; f.Owner == "" {
			return nil
		}
	}
	page, err := d.rooms.Growth.Promises(d.ctx(), d.v.actor, f)
	if err != nil {
		return err
	}
	for _, x := range page.Promises {
		if x.State == growth.PromiseOpen && x.DueAt.After(d.now.Add(soon)) {
			continue
		}
		row := d.promiseRow(x, true)
		row.KeepURL, row.BreakURL, row.HandURL, row.CaseHref = "", "", "", ""
		t.Promises = append(t.Promises, row)
	}
	return nil
}

// todayDoubts lists what waits for a member to decide whether it is criticism.
func (d *desk) todayDoubts(t *view.Today) error {
	if !d.v.actor.Can(team.GrowthManage) {
		return nil
	}
	all, err := d.rooms.Growth.Undecided(d.ctx(), d.v.actor, doubtsMost)
	if err != nil {
		return err
	}
	shown := all[:min(len(all), doubtsToday)]
	ids := make([]inbox.InteractionID, 0, len(shown))
	for _, x := range shown {
		ids = append(ids, x.Interaction)
	}
	judged, err := d.judged(ids)
	if err != nil {
		return err
	}
	for _, x := range shown {
		x.Text = cutWords(x.Text, 110)
		row := d.doubt(x, judged[x.Interaction])
		row.Byline.More, row.Byline.MoreHref, row.Byline.WhenHref = "", "", ""
		t.Doubts = append(t.Doubts, row)
	}
	if len(all) == doubtsMost {
		t.DoubtSay = d.t("todaypage.doubts.many", "count", d.v.words.Number(doubtsMost))
	} else if len(all) > 0 {
		t.DoubtSay = d.v.words.N("todaypage.doubts", len(all))
	}
	return nil
}
