package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) caseRoutes() {
	w.member("GET "+view.PathCases+"/{id}", w.showCase)
}

// caseState is what an answer to a form adds to a case: what was typed and what was wrong with it.
type caseState struct {
	form    string            // which form: "step", "entry", "edit", "decline", "task", "evidence", "line", "return", or the id of a criticism or letter
	typed   map[string]string // by field
	wrong   map[string]string
	problem *view.TroubleProps // about no field
	asks    []asked            // what a letter promises, to be asked about
}

func (s caseState) of(form string) bool { return s.form == form }

// value is what was typed into a field of a form, else what is there.
func (s caseState) value(form, field, there string) string {
	if s.form != form {
		return there
	}
	if v, ok := s.typed[field]; ok {
		return v
	}
	return there
}

func (s caseState) error(form, field string) string {
	if s.form != form {
		return ""
	}
	return s.wrong[field]
}

func (w *Web) showCase(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.showCase(rw, growth.CaseID(r.PathValue("id")), http.StatusOK, caseState{})
}

// caseDesk is the desk with a case on it.
type caseDesk struct {
	*desk
	file   growth.File
	state  caseState
	base   string
	manage bool // may do everything but publish
	mine   bool // is in charge of the case
	edits  bool // one of both
	closed bool // declined
}

func (d *desk) caseDesk(f growth.File, s caseState) *caseDesk {
	c := &caseDesk{desk: d, file: f, state: s, base: view.PathCases + "/" + string(f.Case.ID)}
	c.manage = d.v.actor.Can(team.GrowthManage)
	c.mine = f.Case.Owner != "" && f.Case.Owner == d.v.actor.Member
	c.edits = c.manage || c.mine
	c.closed = f.Case.State == growth.CaseDeclined
	return c
}

// showCase draws a case.
func (d *desk) showCase(rw http.ResponseWriter, id growth.CaseID, status int, s caseState) error {
	f, err := d.rooms.Growth.OpenFile(d.ctx(), d.v.actor, id)
	if err != nil {
		return err
	}
	c := d.caseDesk(f, s)
	out, err := c.page()
	if err != nil {
		return err
	}
	p := d.casePage("casepage.title", "title", f.Case.Title)
	p.Topics = "cases cases:" + string(id)
	return d.showStatus(rw, d.r, status, p, view.Case(p, out))
}

func (c *caseDesk) page() (view.CasePage, error) {
	k := c.file.Case
	out := view.CasePage{
		ID: string(k.ID), LiveHref: c.base, Crumb: c.t("caselist.title"), CrumbHref: view.PathCases,
		Number: c.t("caselist.number", "number", c.v.words.Number(k.Number)), Title: k.Title, Lede: c.lede(), Problem: c.state.problem, Tags: c.tags(),
		Arch: c.arch(), Evidence: c.evidence(), Tasks: c.tasks(), Edit: c.edit(), Decline: c.decline(),
	}
	if c.manage {
		out.Owner = c.ownerMenu()
	} else if k.Owner != "" {
		out.OwnerSay = c.t("casepage.owner.is", "name", c.memberName(k.Owner))
	}
	out.More = c.more()
	out.Chart, out.Verdict, out.VerdictSo = c.chart()
	c.voices(&out)
	var err error
	if out.Sheet, err = c.sheet(); err != nil {
		return out, err
	}
	if out.Letters, err = c.letters(); err != nil {
		return out, err
	}
	for _, x := range c.file.Promises {
		out.Promises = append(out.Promises, c.promiseRow(x, false))
	}
	times := 1
	for i, e := range c.file.Diary {
		line := view.HistoryLine{When: c.shortDate(e.At), Text: c.eventSay(e)}
		// What the same person did several times running on one day is one line.
		if i+1 < len(c.file.Diary) && c.shortDate(c.file.Diary[i+1].At) == line.When && c.eventSay(c.file.Diary[i+1]) == line.Text {
			times++
			continue
		}
		if times > 1 {
			line.Text = c.t("casepage.diary.times", "say", line.Text, "count", times)
		}
		out.Diary = append(out.Diary, line)
		times = 1
	}
	return out, nil
}

func (c *caseDesk) lede() string {
	k := c.file.Case
	lede := c.t("casepage.opened", "name", c.memberName(k.OpenedBy), "date", c.dayMonth(k.OpenedAt))
	if !k.DueAt.IsZero() && !c.closed && k.State != growth.CaseChanged {
		return lede + " " + c.t("casepage.due", "date", c.dayMonth(k.DueAt))
	}
	return lede + " " + c.t("casepage.today", "date", c.dayMonth(c.now))
}

// dayMonth writes a day as one says it: 12 marzo; with its year when that is another.
func (d *desk) dayMonth(t time.Time) string {
	t = t.In(d.zone)
	if t.Year() != d.now.Year() {
		return d.v.words.Date(t)
	}
	_, rest, _ := strings.Cut(d.v.words.Day(t), " ")
	return rest
}

func (c *caseDesk) tags() []view.TagProps {
	k := c.file.Case
	var out []view.TagProps
	if k.Late(c.now) {
		out = append(out, view.TagProps{Label: c.t("caselist.late.since", "date", c.shortDate(k.DueAt)), Icon: "hourglass", Kind: view.TagNow})
	}
	return append(out, view.TagProps{Label: c.theme(k.Theme), Icon: "label"})
}

// arch lays the five stones. The red one is the next, where somebody has to lay it.
func (c *caseDesk) arch() view.CaseArch {
	k, imp := c.file.Case, c.file.Improvement
	a := view.CaseArch{Label: c.t("casepage.steps")}
	names := [5]string{"voices", "cause", "action", "proof", "public"}
	stones := caseStones(k)
	texts := [5]string{c.voicesText(), cutWords(k.Cause, 150), cutWords(k.Plan, 150), "", ""}
	say := string(k.State)
	switch k.State {
	case growth.CaseHeard:
		stones[1] = view.StoneNext
	case growth.CaseUnderstood, growth.CaseChanging:
		stones[2] = view.StoneNext
	case growth.CaseChanged:
		stones[3], texts[3] = c.proof()
		stones[4] = view.StoneNext
		texts[2] = cutWords(c.didText(), 150)
		texts[4] = c.t("casepage.step.public.ready")
		if imp != nil && imp.State == growth.ImprovementPublished {
			stones[4], texts[4] = view.StoneLaid, c.t("casepage.step.public.done", "number", c.v.words.Number(imp.Number), "date", c.dayMonth(imp.PublishedAt))
			say = "public." + c.outcome()
		}
	case growth.CaseDeclined:
		stones[1], stones[2], stones[3], stones[4] = view.StoneOpen, view.StoneFailed, view.StoneOpen, view.StoneLaid
		if k.Cause != "" {
			stones[1] = view.StoneLaid
		}
		texts[2], texts[4] = c.t("casepage.step.action.not"), c.t("casepage.step.public.reason")
	}
	a.Say = c.t("casepage.say." + say)
	for i, name := range names {
		if texts[i] == "" {
			texts[i] = c.t("casepage.missing." + name)
		}
		a.Steps = append(a.Steps, view.CaseStep{Name: c.t("casepage.step." + name), Text: texts[i], Stone: stones[i]})
	}
	return a
}

// outcome is what came of the change, as the record says it.
func (c *caseDesk) outcome() string { return string(c.trend().Outcome) }

// trend is what is known of the change: of the published entry when there is one, for that is what the public reads.
func (c *caseDesk) trend() growth.Trend {
	return c.file.Trend
}

func (c *caseDesk) didText() string {
	if imp := c.file.Improvement; imp != nil && !imp.Did.Empty() {
		text, _ := imp.Did.In(c.v.lang)
		return text
	}
	return c.file.Case.Plan
}

// voicesText says how many people say it, over how long and where.
func (c *caseDesk) voicesText() string {
	k := c.file.Case
	places := map[string]bool{}
	for _, v := range c.file.Voices {
		places[string(v.Channel)] = true
	}
	text := c.v.words.N("casepage.step.voices.people", k.People)
	if days := int(k.LastAt.Sub(k.FirstAt).Hours()/24) + 1; days > 1 && k.People > 1 {
		text = c.v.words.N("casepage.step.voices.days", k.People, "days", c.v.words.Number(days))
	}
	if len(places) > 1 {
		text += ", " + c.v.words.N("casepage.step.voices.places", len(places))
	}
	return text + "."
}

func (c *caseDesk) ownerMenu() *view.AssignMenu {
	k := c.file.Case
	m := &view.AssignMenu{URL: c.base + "/owner", Label: c.t("casepage.owner.none")}
	if k.Owner != "" {
		who := c.memberWho(k.Owner)
		who.Size = view.SizeSmall
		m.Label, m.Who = c.memberName(k.Owner), &who
	}
	for _, x := range c.activeMembers() {
		item := view.ItemProps{Label: x.Name, Note: x.Job, Name: "owner", Value: string(x.ID), Current: x.ID == k.Owner}
		if x.ID == c.v.actor.Member && k.Owner != x.ID {
			item.Label, item.Note = c.t("inboxpage.assign.me"), x.Name
		}
		m.Items = append(m.Items, item)
	}
	if k.Owner != "" {
		m.Items = append(m.Items, view.ItemProps{Label: c.t("inboxpage.assign.nobody"), Icon: "close", Name: "owner", Value: ""})
	}
	return m
}

// activeMembers are those who can be in charge of something, by name, the reader first.
func (d *desk) activeMembers() []team.Member {
	var out []team.Member
	for _, m := range d.members {
		if m.State == team.MemberActive {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b team.Member) int {
		if me := d.v.actor.Member; (a.ID == me) != (b.ID == me) {
			if a.ID == me {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// memberOptions are the active members as a choice; none is said when nobody is one.
func (d *desk) memberOptions(chosen team.MemberID, none string) []view.Option {
	var out []view.Option
	if none != "" {
		out = append(out, view.Option{Value: "", Label: none, Selected: chosen == ""})
	}
	for _, m := range d.activeMembers() {
		label := m.Name
		if m.Job != "" {
			label += " · " + m.Job
		}
		out = append(out, view.Option{Value: string(m.ID), Label: label, Selected: m.ID == chosen})
	}
	return out
}

func (d *desk) themeOptions(chosen string) []view.Option {
	out := []view.Option{{Value: "", Label: d.t("caselist.theme.none"), Selected: chosen == ""}}
	for _, t := range themes {
		out = append(out, view.Option{Value: string(t), Label: d.theme(t), Selected: string(t) == chosen})
	}
	return out
}

func (c *caseDesk) more() []view.ItemProps {
	var out []view.ItemProps
	if c.edits && !c.closed {
		out = append(out, view.ItemProps{Label: c.t("casepage.edit"), Icon: "edit", Href: "#details"})
	}
	if c.v.actor.Can(team.GrowthPublish) && !c.closed && c.file.Case.State != growth.CaseChanged {
		out = append(out, view.ItemProps{Label: c.t("casepage.decline"), Icon: "close", Href: "#decline"})
	}
	return out
}

func (c *caseDesk) voices(out *view.CasePage) {
	n := len(c.file.Voices)
	out.VoicesSay = c.v.words.N("casepage.voices", n)
	if c.manage && !c.closed {
		out.AddHref = view.PathCases + "/new?case=" + url.QueryEscape(string(c.file.Case.ID))
	}
	for _, v := range c.file.Voices {
		out.Voices = append(out.Voices, c.voice(v, n))
	}
	if c.closed {
		return
	}
	for _, v := range c.file.Candidates {
		out.Same = append(out.Same, view.CaseSame{ID: string(v.Interaction), Text: withoutHail(v.Text), Byline: c.voiceByline(v)})
	}
	if c.manage {
		out.SameURL = c.base + "/join"
	}
}

func (c *caseDesk) voice(v growth.Voice, n int) view.CaseVoice {
	id := string(v.ID)
	row := view.CaseVoice{ID: id, Text: withoutHail(v.Text), Byline: c.voiceByline(v), Named: v.Named, As: shortName(v.From.Label()), Open: c.state.of(id), Error: c.state.error(id, "part")}
	row.Quote = c.state.value(id, "part", v.Quote)
	if c.state.of(id) {
		row.Named = c.state.typed["named"] == "yes"
	}
	if v.Text == "" {
		row.Gone = c.t("casepage.voices.gone")
		if v.State == growth.Erased {
			row.Gone = c.t("casepage.voices.erased.text")
		}
		return row
	}
	if !v.Public {
		row.Tags = append(row.Tags, view.TagProps{Label: c.t("inboxpage.tag.private"), Icon: "lock"})
	}
	if !v.ConfirmedAt.IsZero() {
		tag := view.TagProps{Label: c.t("casepage.voices.better"), Icon: "check"}
		if !v.Better {
			tag = view.TagProps{Label: c.t("casepage.voices.worse"), Icon: "close"}
		}
		row.Tags = append(row.Tags, tag)
	}
	as := c.t("casepage.quote.nobody")
	if v.Named {
		as = row.As
	}
	row.Public = c.t("casepage.quote.all", "as", as)
	if v.Quote != "" {
		row.Public = c.t("casepage.quote.some", "as", as, "text", cutWords(v.Quote, 60))
	}
	if c.manage {
		row.URL = c.base + "/voices/" + id + "/quote"
		if n > 1 && !c.closed {
			row.PartURL = c.base + "/voices/" + id + "/part"
		}
	}
	return row
}

// shortName is how a person is named in public: the first name and the initial of the last.
func shortName(name string) string {
	words := strings.Fields(name)
	if len(words) < 2 {
		return name
	}
	return words[0] + " " + string([]rune(words[len(words)-1])[:1]) + "."
}

func (c *caseDesk) evidence() view.EvidencePart {
	e := view.EvidencePart{Values: map[string]string{}, Errors: map[string]string{}}
	for _, x := range c.file.Evidence {
		row := view.Evidence{
			Kind: string(x.Kind), Text: x.Text, Value: x.Value,
			By: c.t("casepage.by", "name", c.memberName(x.Member), "date", c.shortDate(x.At)),
		}
		switch x.Kind {
		case growth.EvidenceLink:
			row.URL = webAddress(x.URL)
			if u, err := url.Parse(x.URL); err == nil {
				row.Host = u.Host
			}
		case growth.EvidencePicture:
			if id, err := media.ParseID(x.Media); err == nil {
				row.URL = "/media/" + string(id)
				row.Src = row.URL + "?size=small"
			}
		case growth.EvidenceFigure:
			if x.OutOf != "" {
				row.OutOf = c.t("casepage.evidence.of", "of", x.OutOf)
			}
		}
		if c.edits {
			row.DropURL = c.base + "/evidence/" + string(x.ID) + "/drop"
		}
		e.Items = append(e.Items, row)
	}
	if c.edits && !c.closed {
		e.URL, e.Open = c.base+"/evidence", c.state.of("evidence")
		if e.Open {
			e.Values, e.Errors = c.state.typed, c.state.wrong
			if said := e.Errors["media"]; said != "" {
				e.Errors["picture"] = said
			}
		}
	}
	return e
}

func (c *caseDesk) tasks() view.TaskPart {
	t := view.TaskPart{}
	done := 0
	for _, x := range c.file.Tasks {
		t.Items = append(t.Items, c.task(x))
		if !x.DoneAt.IsZero() {
			done++
		}
	}
	if len(t.Items) > 0 {
		t.Say = c.t("casepage.tasks.say", "done", c.v.words.Number(done), "all", c.v.words.Number(len(t.Items)))
	}
	if c.edits && !c.closed {
		t.URL, t.Text, t.Error = c.base+"/tasks", c.state.value("task", "text", ""), c.state.error("task", "text")
		t.Owners = c.memberOptions(team.MemberID(c.state.value("task", "owner", string(c.file.Case.Owner))), c.t("casepage.tasks.nobody"))
	}
	return t
}

func (c *caseDesk) task(x growth.Task) view.Task {
	row := view.Task{Text: x.Text, Done: !x.DoneAt.IsZero(), Name: c.t("caselist.nobody")}
	if x.Owner != "" {
		row.Name = c.memberName(x.Owner)
	}
	if row.Done {
		row.DoneSay = c.t("casepage.tasks.did", "name", c.memberName(x.DoneBy), "date", c.shortDate(x.DoneAt))
	}
	at := c.base + "/tasks/" + string(x.ID)
	if c.edits || x.Owner != "" && x.Owner == c.v.actor.Member {
		row.URL = at + "/done"
	}
	if c.edits {
		row.DropURL = at + "/drop"
	}
	return row
}

func (c *caseDesk) edit() *view.CaseEdit {
	if !c.edits || c.closed {
		return nil
	}
	k, s := c.file.Case, c.state
	due := ""
	if !k.DueAt.IsZero() {
		due = k.DueAt.In(c.zone).Format(time.DateOnly)
	}
	e := &view.CaseEdit{
		URL: c.base, Open: s.of("edit"), Plain: !c.manage, Errors: map[string]string{},
		Themes: c.themeOptions(s.value("edit", "theme", string(k.Theme))),
		Owners: c.memberOptions(team.MemberID(s.value("edit", "owner", string(k.Owner))), c.t("caselist.nobody")),
		Values: map[string]string{
			"title": s.value("edit", "title", k.Title), "shown_it": s.value("edit", "shown_it", k.Shown.IT), "shown_en": s.value("edit", "shown_en", k.Shown.EN), "cause": s.value("edit", "cause", k.Cause), "plan": s.value("edit", "plan", k.Plan), "due": s.value("edit", "due", due),
		},
	}
	switch {
	case !k.Public:
		e.TitleHint = c.t("casepage.edit.title.inside")
	case k.Open():
		e.TitleHint = c.t("casepage.edit.title.public")
	}
	e.ShownHint = c.t("casepage.edit.shown.hint")
	if e.Open {
		e.Errors = s.wrong
	}
	return e
}

func (c *caseDesk) decline() *view.DeclineForm {
	if !c.v.actor.Can(team.GrowthPublish) || c.closed || c.file.Case.State == growth.CaseChanged {
		return nil
	}
	f := &view.DeclineForm{URL: c.base + "/decline", Open: c.state.of("decline"), Values: map[string]string{}}
	if f.Open {
		f.Values, f.Error = c.state.typed, sayFields(c.state.wrong)
	}
	return f
}

// sayFields says everything that is wrong in one text.
func sayFields(wrong map[string]string) string {
	var parts []string
	for _, name := range sortedIDs(wrong) {
		parts = append(parts, wrong[name])
	}
	return strings.Join(parts, " ")
}

// eventSay is a line of the diary.
func (c *caseDesk) eventSay(e growth.Event) string {
	who := c.t("casepage.ponte")
	if e.Member != "" {
		who = c.memberName(e.Member)
	}
	args := []any{"by", who}
	for _, name := range sortedIDs(e.Args) {
		value := e.Args[name]
		switch name {
		case "member":
			value = c.memberName(team.MemberID(value))
		case "date":
			if t, err := time.Parse(time.RFC3339, value); err == nil {
				value = c.dayMonth(t)
			}
		case "state":
			value = c.t("caselist.state." + value)
		}
		args = append(args, name, value)
	}
	if n, err := strconv.Atoi(e.Args["n"]); err == nil {
		return c.v.words.N(e.Sentence(), n, args...)
	}
	return c.t(e.Sentence(), args...)
}
