package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/verdict"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) caseListRoutes() {
	w.member("GET "+view.PathCases, w.showCases)
	w.member("GET "+view.PathDoubts, w.showDoubts)
	w.member("POST "+view.PathDoubts, w.decideDoubt)
}

// caseStates are the states of a case in their order.
var caseStates = []growth.CaseState{growth.CaseHeard, growth.CaseUnderstood, growth.CaseChanging, growth.CaseChanged, growth.CaseDeclined}

// openStates are those in which something is still to be done.
var openStates = []growth.CaseState{growth.CaseHeard, growth.CaseUnderstood, growth.CaseChanging}

// reasons are why something is no criticism.
var reasons = []record.Reason{record.NotAboutUs, record.Question, record.Praise, record.Spam, record.Abuse, record.Mistake, record.Withdrawn}

// themes are what criticism is about.
var themes = []triage.Theme{"product", "quality", "price", "service", "delivery", "staff", "place", "app", "communication", "ethics"}

// caseTabs are the pages of the room that the reader may open.
func (d *desk) caseTabs(current string) []view.Tab {
	tabs := []view.Tab{{Label: d.t("caselist.title"), Href: view.PathCases}}
	if d.v.actor.Can(team.GrowthRead) {
		tabs = append(tabs, view.Tab{Label: d.t("caselist.doubts.title"), Href: view.PathDoubts})
	}
	tabs = append(tabs, view.Tab{Label: d.t("promisepage.title"), Href: view.PathPromises})
	if d.v.actor.Can(team.GrowthRead) {
		tabs = append(tabs, view.Tab{Label: d.t("growthpage.tab"), Href: view.PathGrowth})
	}
	for i := range tabs {
		tabs[i].Current = tabs[i].Href == current
	}
	return tabs
}

func (d *desk) casePage(title string, args ...any) view.Page {
	p := d.Web.page(d.r, view.RoomCases, title, args...)
	p.Topics = "cases"
	return p
}

// showCases lists the cases.
func (w *Web) showCases(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	state, who, late, theme := growth.CaseState(q.Get("state")), q.Get("owner"), q.Get("late") != "", triage.Theme(q.Get("theme"))
	if state != "" && state != "all" && !slices.Contains(caseStates, state) || theme != "" && !slices.Contains(themes, theme) {
		return fault.New(fault.Invalid, "web.filter.unknown")
	}
	f := growth.CaseFilter{States: openStates, Late: late, Theme: theme, Cursor: q.Get("after")}
	switch {
	case state == "all" || theme != "":
		f.States = nil
	case state != "":
		f.States = []growth.CaseState{state}
	}
	if who == "me" {
		f.Owner = d.v.actor.Member
	}
	page, err := w.rooms.Growth.Cases(r.Context(), d.v.actor, f)
	if err != nil {
		return err
	}
	p := d.casePage("caselist.title")
	out := view.CasesPage{Tabs: d.caseTabs(view.PathCases), LiveHref: r.URL.RequestURI(), Lede: d.t("caselist.lede")}
	if !d.v.actor.Can(team.GrowthRead) {
		out.Lede = d.t("caselist.lede.yours")
	} else if out.Doubts, err = d.doubtsSay(); err != nil {
		return err
	}
	out.Chips = d.caseChips(page.Counts, string(state), who == "me", late, theme)
	for _, c := range page.Cases {
		out.Rows = append(out.Rows, d.caseRow(c))
	}
	if page.Next != "" {
		out.More = view.MoreProps{
			Href:  view.PathCases + "?" + query("state", string(state), "owner", who, "late", q.Get("late"), "theme", string(theme), "after", page.Next),
			Label: d.t("caselist.more"), Target: "#case-rows", Select: "#case-rows > li",
		}
	}
	if len(page.Cases) == 0 {
		d.noCases(&out, page.Counts)
	}
	return w.show(rw, r, p, view.Cases(p, out))
}

// noCases says why there is nothing: a first step, or a filter.
func (d *desk) noCases(out *view.CasesPage, counts map[growth.CaseState]int) {
	n := 0
	for _, c := range counts {
		n += c
	}
	switch {
	case n > 0:
		out.Empty = &view.EmptyProps{Title: d.t("caselist.empty.filter"), Text: d.t("caselist.empty.filter.text")}
		out.EmptyKey = &view.KeyProps{Label: d.t("caselist.all"), Href: view.PathCases + "?state=all"}
	case !d.v.actor.Can(team.GrowthRead):
		out.Empty = &view.EmptyProps{Title: d.t("caselist.empty.yours"), Text: d.t("caselist.empty.yours.text")}
	default:
		out.Empty = &view.EmptyProps{Title: d.t("caselist.empty"), Text: d.t("caselist.empty.text")}
		if d.v.actor.Can(team.InboxRead) {
			out.EmptyKey = &view.KeyProps{Label: d.t("caselist.empty.key"), Icon: "kind-critique", Href: view.PathInbox + "?view=criticism"}
		}
	}
}

func (d *desk) caseChips(counts map[growth.CaseState]int, state string, mine, late bool, theme triage.Theme) []view.Chip {
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return d.v.words.Number(n)
	}
	open, all := 0, 0
	for s, n := range counts {
		all += n
		if slices.Contains(openStates, s) {
			open += n
		}
	}
	if all == 0 {
		return nil
	}
	plain := !mine && !late && theme == ""
	chips := []view.Chip{{Label: d.t("caselist.open"), Href: view.PathCases, Count: number(open), Current: plain && state == ""}}
	if d.v.actor.Member != "" && d.v.actor.Can(team.GrowthRead) {
		chips = append(chips, view.Chip{Label: d.t("caselist.mine"), Href: view.PathCases + "?owner=me", Current: mine})
	}
	chips = append(chips, view.Chip{Label: d.t("caselist.late"), Href: view.PathCases + "?late=1", Current: late})
	for _, s := range caseStates {
		chips = append(chips, view.Chip{
			Label: d.t("caselist.state." + string(s)), Href: view.PathCases + "?state=" + string(s), Count: number(counts[s]), Current: plain && state == string(s),
		})
	}
	chips = append(chips, view.Chip{Label: d.t("caselist.all"), Href: view.PathCases + "?state=all", Count: number(all), Current: plain && state == "all"})
	if theme != "" {
		chips = append(chips, view.Chip{Label: d.theme(theme), Href: view.PathCases + "?theme=" + string(theme), Current: true})
	}
	return chips
}

// theme says what a criticism is about.
func (d *desk) theme(t triage.Theme) string {
	if !slices.Contains(themes, t) {
		return d.t("caselist.theme.none")
	}
	return d.t("caselist.theme." + string(t))
}

func (d *desk) caseRow(c growth.Case) view.CaseRow {
	row := view.CaseRow{
		Href: view.PathCases + "/" + string(c.ID), Number: d.t("caselist.number", "number", d.v.words.Number(c.Number)), Title: c.Title, Stones: caseStones(c),
		Name: d.t("caselist.nobody"), Notes: []string{d.theme(c.Theme), d.peopleSince(c)},
	}
	tag := view.TagProps{Label: d.t("caselist.state." + string(c.State)), Icon: stateIcon(c.State)}
	row.Tags = append(row.Tags, tag)
	if t, ok := d.entryTag(c); ok {
		row.Tags = append(row.Tags, t)
	}
	if c.TasksOpen > 0 {
		row.Tags = append(row.Tags, view.TagProps{Label: d.v.words.N("caselist.tasks", c.TasksOpen), Icon: "check"})
	}
	if c.Owner != "" {
		who := d.memberWho(c.Owner)
		who.Size = view.SizeSmall
		row.Owner, row.Name = &who, d.memberName(c.Owner)
	}
	switch {
	case c.State == growth.CaseChanged && !c.ChangedAt.IsZero():
		row.Due = d.t("caselist.since", "date", d.shortDate(c.ChangedAt))
	case c.State == growth.CaseDeclined && !c.DeclinedAt.IsZero():
		row.Due = d.shortDate(c.DeclinedAt)
	case c.Late(d.now):
		row.Due, row.Late = d.t("caselist.late.since", "date", d.shortDate(c.DueAt)), true
	case !c.DueAt.IsZero():
		row.Due = d.t("caselist.by", "date", d.shortDate(c.DueAt))
	}
	return row
}

func (d *desk) shortDate(t time.Time) string { return d.v.words.ShortDate(t.In(d.zone), d.now) }

// peopleSince says how many say it and since when.
func (d *desk) peopleSince(c growth.Case) string {
	if c.FirstAt.IsZero() {
		return d.v.words.N("caselist.people", c.People)
	}
	return d.v.words.N("caselist.people.since", c.People, "date", d.shortDate(c.FirstAt))
}

func stateIcon(s growth.CaseState) string {
	switch s {
	case growth.CaseHeard:
		return "kind-critique"
	case growth.CaseUnderstood:
		return "search"
	case growth.CaseChanging:
		return "hourglass"
	case growth.CaseChanged:
		return "check"
	default:
		return "close"
	}
}

// entryTag says how far the public entry of a case has come: where it stands, and what came of it.
func (d *desk) entryTag(c growth.Case) (view.TagProps, bool) {
	switch {
	case c.Stone > 0:
		t := view.TagProps{Label: d.t("caselist.stone."+string(c.Outcome), "number", d.v.words.Number(c.Stone)), Icon: "hourglass"}
		switch c.Outcome {
		case record.Worked:
			t.Icon = "check"
		case record.NotWorked:
			t.Icon = "close"
		}
		return t, true
	case c.State != growth.CaseChanged:
	case c.Entry == growth.ImprovementAsked:
		return view.TagProps{Label: d.t("caselist.entry.asked"), Icon: "approve"}, true
	case c.Entry != "":
		return view.TagProps{Label: d.t("caselist.entry.draft"), Icon: "edit"}, true
	}
	return view.TagProps{}, false
}

// caseStones are the five stones of a case in the list: those laid, those to lay.
func caseStones(c growth.Case) []view.StoneKind {
	laid, open := view.StoneLaid, view.StoneOpen
	if c.State == growth.CaseChanged && c.Entry == growth.ImprovementPublished {
		proof := view.StoneEarly
		switch c.Outcome {
		case record.Worked:
			proof = laid
		case record.NotWorked:
			proof = view.StoneFailed
		}
		return []view.StoneKind{laid, laid, laid, proof, laid}
	}
	switch c.State {
	case growth.CaseUnderstood, growth.CaseChanging:
		return []view.StoneKind{laid, laid, open, open, open}
	case growth.CaseChanged:
		return []view.StoneKind{laid, laid, laid, open, open}
	case growth.CaseDeclined:
		return []view.StoneKind{laid, view.StoneFailed, view.StoneFailed, view.StoneFailed, laid}
	default:
		return []view.StoneKind{laid, open, open, open, open}
	}
}

// Doubts are counted up to doubtsMost; the page shows doubtsShown, and the next when these are decided.
const (
	doubtsMost  = 100
	doubtsShown = 25
)

func (d *desk) doubtsSay() (string, error) {
	all, err := d.rooms.Growth.Undecided(d.ctx(), d.v.actor, doubtsMost)
	if err != nil || len(all) == 0 {
		return "", err
	}
	if len(all) == doubtsMost {
		return d.t("caselist.doubts.many", "count", d.v.words.Number(doubtsMost)), nil
	}
	return d.v.words.N("caselist.doubts.wait", len(all)), nil
}

// showDoubts is what waits for a member's word.
func (w *Web) showDoubts(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.doubts(rw, http.StatusOK, nil)
}

func (d *desk) doubts(rw http.ResponseWriter, status int, trouble *view.TroubleProps) error {
	all, err := d.rooms.Growth.Undecided(d.ctx(), d.v.actor, doubtsMost)
	if err != nil {
		return err
	}
	p := d.casePage("caselist.doubts.title")
	out := view.DoubtsPage{Tabs: d.caseTabs(view.PathDoubts), LiveHref: view.PathDoubts, Error: trouble}
	more := len(all) - doubtsShown
	all = all[:min(len(all), doubtsShown)]
	ids := make([]inbox.InteractionID, 0, len(all))
	for _, x := range all {
		ids = append(ids, x.Interaction)
	}
	judged, err := d.judged(ids)
	if err != nil {
		return err
	}
	for _, x := range all {
		out.Rows = append(out.Rows, d.doubt(x, judged[x.Interaction]))
	}
	if more > 0 {
		out.More = d.t("caselist.doubts.more")
	}
	if len(all) == 0 {
		out.Empty = &view.EmptyProps{Title: d.t("caselist.doubts.none"), Text: d.t("caselist.doubts.none.text")}
	}
	return d.showStatus(rw, d.r, status, p, view.Doubts(p, out))
}

func (d *desk) doubt(x growth.Voice, v verdict.Verdict) view.Doubt {
	v.Mark(x.Text)
	text, says := unhailed(x.Text, marks(v))
	row := view.Doubt{ID: string(x.Interaction), Text: text, Marks: says, Byline: d.voiceByline(x), Over: x.Overdue}
	if d.v.actor.Can(team.GrowthManage) {
		row.URL = view.PathDoubts
	}
	switch {
	case x.Overdue:
		row.Until = d.t("caselist.doubts.over", "date", d.shortDate(x.DecideBy))
	case !x.DecideBy.IsZero():
		row.Until = d.t("caselist.doubts.until", "date", d.shortDate(x.DecideBy))
	}
	return row
}

// voiceByline says who wrote something, where and when.
func (d *desk) voiceByline(x growth.Voice) view.BylineProps {
	b := view.BylineProps{
		Name: x.From.Label(), Net: string(d.channels[x.Channel].Network), NetLabel: d.channelLabel(x.Channel),
		When: d.shortDate(x.SaidAt), At: x.SaidAt.Format(time.RFC3339), WhenHref: webAddress(x.URL),
	}
	if x.Text == "" && b.Name == "" {
		b.Name = d.t("casepage.voices.erased")
	} else {
		b.Who = &view.WhoProps{Name: b.Name, Size: view.SizeSmall}
	}
	if x.From.Person != "" && d.v.actor.Can(team.PeopleRead) {
		b.Href = pathPeople + "/" + string(x.From.Person)
	}
	if d.v.actor.Can(team.InboxRead) && x.Conversation != "" {
		b.More, b.MoreHref = d.t("caselist.talk"), view.PathInbox+"/"+string(x.Conversation)
	}
	if x.Stars > 0 {
		b.Stars = &view.StarsProps{Given: x.Stars, Label: d.t("inboxpage.stars", "count", x.Stars)}
	}
	return b
}

// judged gives what texts were judged to be.
func (d *desk) judged(ids []inbox.InteractionID) (map[inbox.InteractionID]verdict.Verdict, error) {
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		names = append(names, string(id))
	}
	found, err := d.rooms.Verdicts.Of(d.ctx(), d.v.actor.Company, names)
	if err != nil {
		return nil, err
	}
	out := make(map[inbox.InteractionID]verdict.Verdict, len(found))
	for id, v := range found {
		out[inbox.InteractionID(id)] = v
	}
	return out, nil
}

// marks are the words that weighed most, where they stand in the text.
func marks(v verdict.Verdict) []view.Span {
	out := make([]view.Span, 0, len(v.Judged.Evidence))
	for _, s := range v.Judged.Evidence {
		out = append(out, view.Span{From: s.Start, To: s.End})
	}
	slices.SortFunc(out, func(a, b view.Span) int { return a.From - b.From })
	return out
}

// unhailed leaves out the names that a text begins with, and moves its marks with it.
func unhailed(text string, says []view.Span) (string, []view.Span) {
	rest := withoutHail(text)
	cut := strings.LastIndex(text, rest)
	if cut <= 0 || rest == "" {
		return text, says
	}
	out := make([]view.Span, 0, len(says))
	for _, s := range says {
		if s.From >= cut && s.To-cut <= len(rest) {
			out = append(out, view.Span{From: s.From - cut, To: s.To - cut})
		}
	}
	return rest, out
}

// decision reads a member's word on whether something is criticism. Who may not say it is told so first.
func (d *desk) decision(r *http.Request) (growth.DecideIn, error) {
	if err := d.v.actor.May(team.GrowthManage); err != nil {
		return growth.DecideIn{}, err
	}
	id := inbox.InteractionID(r.PostFormValue("i"))
	in := growth.DecideIn{Interaction: id, Criticism: r.PostFormValue("criticism") == "yes"}
	if in.Criticism {
		return in, nil
	}
	in.Reason = record.Reason(r.PostFormValue("reason"))
	if !slices.Contains(reasons, in.Reason) {
		return in, fault.New(fault.Invalid, "web.reason.missing")
	}
	return in, nil
}

// decideDoubt takes a member's word and goes on with the next.
func (w *Web) decideDoubt(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	in, err := d.decision(r)
	if err == nil {
		_, err = w.rooms.Growth.Decide(r.Context(), d.v.actor, in)
	}
	if pr, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		return d.doubts(rw, pr.Status, &view.TroubleProps{Title: sayAll(pr)})
	} else if err != nil {
		return err
	}
	key := "caselist.decided.no"
	if in.Criticism {
		key = "caselist.decided.yes"
	}
	return w.done(rw, r, view.PathDoubts, key)
}
