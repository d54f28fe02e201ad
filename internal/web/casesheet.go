package web

import (
	"math"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// sheet is the thing in hand: what the next step of the case needs, or what was said in public.
func (c *caseDesk) sheet() (view.CaseSheet, error) {
	k := c.file.Case
	switch {
	case k.State == growth.CaseDeclined:
		return c.declinedSheet(), nil
	case k.State == growth.CaseChanged && c.file.Improvement != nil:
		e, err := c.entry(*c.file.Improvement)
		s := view.CaseSheet{Title: c.t("casepage.entry.as"), Entry: e}
		if c.file.Improvement.State == growth.ImprovementPublished {
			s.Title = c.t("casepage.entry.stands")
		}
		return s, err
	case !c.edits:
		return view.CaseSheet{Title: c.t("casepage.next"), Said: c.t("casepage.next." + string(k.State))}, nil
	}
	return c.stepSheet(), nil
}

// stepSheet is the form of the next step.
func (c *caseDesk) stepSheet() view.CaseSheet {
	k, s := c.file.Case, c.state
	f := &view.StepForm{URL: c.base + "/advance"}
	f.Key = view.KeyProps{Label: c.t("casepage.does." + string(k.State)), Kind: view.KeyRed, Big: true}
	back := func(to growth.CaseState) {
		f.Back = &view.KeyProps{Label: c.t("casepage.back." + string(to)), Kind: view.KeyQuiet, Name: "to", Value: string(to), Attrs: templ.Attributes{"formnovalidate": true}}
	}
	switch k.State {
	case growth.CaseUnderstood:
		f.To = string(growth.CaseChanging)
		f.Fields = []view.FieldProps{{
			ID: "step-plan", Name: "plan", Label: c.t("casepage.edit.plan"), Hint: c.t("casepage.do.understood.hint"), Rows: 4, Required: true,
			Value: s.value("step", "plan", k.Plan), Error: s.error("step", "plan"),
		}}
		back(growth.CaseHeard)
	case growth.CaseChanging:
		f.To = string(growth.CaseChanged)
		f.Fields = []view.FieldProps{
			{
				ID: "step-since", Name: "since", Type: "date", Label: c.t("casepage.do.since"), Value: s.value("step", "since", c.now.Format(time.DateOnly)), Error: s.error("step", "since"),
				Required: true, Attrs: templ.Attributes{"max": c.now.Format(time.DateOnly)},
			},
			{
				ID: "step-did-it", Name: "did_it", Label: c.t("casepage.do.did.it"), Hint: c.t("casepage.do.did.hint"), Rows: 3, Value: s.value("step", "did_it", ""),
				Error: s.error("step", "did"), Attrs: templ.Attributes{"lang": "it"},
			},
			{ID: "step-did-en", Name: "did_en", Label: c.t("casepage.do.did.en"), Rows: 3, Value: s.value("step", "did_en", ""), Attrs: templ.Attributes{"lang": "en"}},
		}
		f.Note = c.t("casepage.do.changing.note")
		back(growth.CaseUnderstood)
	default:
		f.To = string(growth.CaseUnderstood)
		f.Fields = []view.FieldProps{{
			ID: "step-cause", Name: "cause", Label: c.t("casepage.edit.cause"), Hint: c.t("casepage.do.heard.hint"), Rows: 4, Required: true,
			Value: s.value("step", "cause", k.Cause), Error: s.error("step", "cause"),
		}}
	}
	return view.CaseSheet{Title: c.t("casepage.do." + string(k.State)), Step: f}
}

// declinedSheet says why nothing is changed, as everybody may read it.
func (c *caseDesk) declinedSheet() view.CaseSheet {
	k := c.file.Case
	s := view.CaseSheet{Title: c.t("casepage.declined", "date", c.dayMonth(k.DeclinedAt))}
	for _, x := range []view.Words2{{Lang: "it", Text: k.Decline.IT}, {Lang: "en", Text: k.Decline.EN}} {
		if x.Text != "" {
			s.Text = append(s.Text, x)
		}
	}
	if c.manage {
		s.URL = c.base + "/reopen"
		s.Keys = []view.KeyProps{{Label: c.t("casepage.reopen"), Icon: "undo"}}
	}
	return s
}

// entry is the public entry, and what the reader may do with it.
func (c *caseDesk) entry(i growth.Improvement) (*view.EntrySheet, error) {
	at := c.base + "/entry/" + string(i.ID) + "/"
	e := &view.EntrySheet{Versions: c.entryVersions(i)}
	published := i.State == growth.ImprovementPublished
	for lang, empty := range map[string]bool{"it": i.Title.IT == "" || i.Said.IT == "" || i.Did.IT == "", "en": i.Title.EN == "" || i.Said.EN == "" || i.Did.EN == ""} {
		if empty && !published {
			e.Missing = c.t("casepage.entry.missing." + lang)
		}
	}
	if c.edits && !published {
		e.Form = c.entryForm(i, at)
	}
	may, err := c.rooms.Growth.MayApprove(c.ctx(), c.v.actor)
	if err != nil {
		return nil, err
	}
	publish := c.v.actor.Can(team.GrowthPublish)
	red := view.KeyProps{Kind: view.KeyRed, Big: true}
	ask := func() {
		red.Label, red.Type, red.Attrs = c.t("casepage.entry.publish"), "button", view.DialogOpener("publish")
		e.Key, e.KeyURL, e.AskYes = &red, at+"publish", c.t("casepage.entry.publish.yes")
		e.Ask = &view.DialogProps{ID: "publish", Title: c.t("casepage.entry.publish.sure"), Text: c.t("casepage.entry.publish.text")}
		e.Note = c.t("casepage.entry.forever")
	}
	switch i.State {
	case growth.ImprovementDraft:
		switch {
		case may && publish:
			ask()
		case c.manage:
			red.Label, red.Icon = c.t("casepage.entry.ask"), "approve"
			e.Key, e.KeyURL = &red, at+"ask"
			e.Note = c.t("casepage.entry.ask.note")
		default:
			e.Note = c.t("casepage.entry.draft.note")
		}
	case growth.ImprovementAsked:
		e.State, e.Icon = c.t("casepage.entry.asked"), "hourglass"
		if may {
			e.Return, e.ReturnErr = at+"return", c.state.error("return", "reason")
			if publish {
				ask()
			} else {
				red.Label, red.Icon = c.t("casepage.entry.approve"), "approve"
				e.Key, e.KeyURL = &red, at+"approve"
			}
		}
	case growth.ImprovementApproved:
		e.State, e.Icon = c.t("casepage.entry.approved", "name", c.memberName(i.ApprovedBy), "date", c.shortDate(i.ApprovedAt)), "check"
		if publish {
			ask()
		}
	case growth.ImprovementPublished:
		e.State, e.Icon = c.t("casepage.entry.published", "number", c.v.words.Number(i.Number), "date", c.shortDate(i.PublishedAt)), "check"
		for _, l := range i.Later {
			text, _ := l.Text.In(c.v.lang)
			e.Later = append(e.Later, view.LaterLine{When: c.shortDate(l.At), Text: text})
		}
		if publish {
			e.LaterURL, e.LaterErr = at+"line", sayFields(c.wrongOf("line"))
		}
	}
	if published || c.v.actor.Can(team.GrowthRead) {
		if e.PageHref, err = c.publicPath(); err != nil {
			return nil, err
		}
		e.PageSay = c.t("casepage.entry.see")
		if published {
			e.PageHref += "/" + strconv.Itoa(i.Number)
		}
	}
	return e, nil
}

func (c *caseDesk) wrongOf(form string) map[string]string {
	if c.state.of(form) {
		return c.state.wrong
	}
	return nil
}

// entryVersions are the entry as it will be read, in each language that is written.
func (c *caseDesk) entryVersions(i growth.Improvement) []view.EntryVersion {
	_, proof := c.proof()
	var out []view.EntryVersion
	langs := []string{c.v.lang}
	for _, l := range []string{"it", "en"} {
		if l != c.v.lang {
			langs = append(langs, l)
		}
	}
	for n, lang := range langs {
		in := func(w growth.Words) string {
			if lang == "en" {
				return w.EN
			}
			return w.IT
		}
		if in(i.Title) == "" && in(i.Said) == "" && in(i.Did) == "" && n > 0 {
			continue
		}
		words := c.Web.words[lang]
		v := view.EntryVersion{Lang: lang, Title: in(i.Title), Name: c.t("casepage.lang." + lang)}
		v.Lines = append(v.Lines,
			view.EntryLine{Label: words.T("casepage.entry.said"), Text: dash(in(i.Said)), Said: true},
			view.EntryLine{Label: words.T("casepage.entry.did"), Text: dash(in(i.Did))})
		if lang == c.v.lang {
			v.Lines = append(v.Lines, view.EntryLine{Label: words.T("casepage.entry.went"), Text: proof})
		}
		out = append(out, v)
	}
	return out
}

// dash stands where nothing is written.
func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func (c *caseDesk) entryForm(i growth.Improvement, at string) *view.EntryForm {
	f := &view.EntryForm{URL: at + "change", Open: c.state.of("entry"), Errors: c.wrongOf("entry"), Values: map[string]string{}}
	for name, w := range map[string]growth.Words{"title": i.Title, "stone": i.Stone, "said": i.Said, "did": i.Did} {
		f.Values[name+"_it"], f.Values[name+"_en"] = c.state.value("entry", name+"_it", w.IT), c.state.value("entry", name+"_en", w.EN)
		// A fault names the text, not its language: it stands beside the first field.
		if e := f.Errors[name]; e != "" && f.Errors[name+"_it"] == "" {
			f.Errors[name+"_it"] = e
		}
	}
	return f
}

// proof says what came of the change: as a stone, and in a sentence.
func (c *caseDesk) proof() (view.StoneKind, string) {
	t := c.trend()
	switch t.Outcome {
	case record.Worked:
		return view.StoneLaid, c.counts(t)
	case record.NotWorked:
		return view.StoneFailed, c.counts(t)
	case record.TooFew:
		return view.StoneEarly, c.t("casepage.step.proof.few") + " " + c.counts(t)
	}
	return view.StoneEarly, c.t("casepage.step.proof.early") + c.lookAt(t)
}

// counts says how many people complained before and after.
func (c *caseDesk) counts(t growth.Trend) string {
	return c.t("casepage.proof", "before", c.v.words.N("caselist.people", t.Before.People), "over", c.days(t.Before.Days), "after", c.v.words.N("caselist.people", t.After.People), "since", c.days(t.After.Days))
}

// days says a length in days, or in weeks where those are whole enough.
func (d *desk) days(n int) string {
	if n < 21 {
		return d.v.words.N("casepage.days", n)
	}
	return d.v.words.N("casepage.weeks", (n+3)/7)
}

func (c *caseDesk) lookAt(t growth.Trend) string {
	if t.LookAt.IsZero() || t.LookAt.Before(c.now) {
		return ""
	}
	return " " + c.t("casepage.look", "date", c.dayMonth(t.LookAt))
}

// weeks counts the different people of each seven days. Once something is changed the weeks are laid so that one begins
// with the day behind the change: as the trend counts, which day belongs to which side is then seen. change is the index of that week.
func (c *caseDesk) weeks() (weeks []growth.Week, change int) {
	f := c.file
	if f.Case.State != growth.CaseChanged || f.Case.ChangedAt.IsZero() || len(f.Weeks) == 0 {
		return f.Weeks, len(f.Weeks)
	}
	day := f.Case.ChangedAt.In(c.zone)
	behind := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, c.zone)
	start := behind
	for start.After(f.Weeks[0].Start) {
		start = start.AddDate(0, 0, -7)
		change++
	}
	// Today counts tomorrow, as for the trend.
	today := time.Date(c.now.Year(), c.now.Month(), c.now.Day(), 0, 0, 0, 0, c.zone)
	for ; start.Before(behind) || start.Before(today); start = start.AddDate(0, 0, 7) {
		end, people := start.AddDate(0, 0, 7), map[string]bool{}
		if end.After(today) && !start.Before(behind) {
			end = today
		}
		for _, v := range f.Voices {
			if v.SaidAt.Before(start) || !v.SaidAt.Before(end) {
				continue
			}
			who := string(v.From.Person)
			if who == "" {
				who = string(v.ID) // nothing is known of them any more
			}
			people[who] = true
		}
		weeks = append(weeks, growth.Week{Start: start, People: len(people)})
	}
	return weeks, change
}

// chart draws who complained, week by week, and says whether the change helped.
func (c *caseDesk) chart() (chart *view.CaseChart, big, so string) {
	f := c.file
	if len(f.Weeks) == 0 {
		return nil, "", ""
	}
	weeks, change := c.weeks()
	out := &view.CaseChart{Title: c.t("casepage.chart"), Change: change, Table: c.weekTable(weeks, change)}
	for _, w := range weeks {
		out.Weeks = append(out.Weeks, w.People)
	}
	out.From = c.t("casepage.chart.from", "date", c.dayMonth(weeks[0].Start))
	out.Counts = c.t("casepage.chart.counts")
	if n := len(f.Candidates); n > 0 && !c.closed {
		out.More, out.MoreHref = c.v.words.N("casepage.chart.more", n), "#same"
	}
	out.To = c.t("casepage.chart.to", "date", c.dayMonth(c.now))
	if f.Case.State != growth.CaseChanged {
		out.Title = c.t("casepage.chart.saying")
		out.Before = view.ChartLabel{Head: c.v.words.N("caselist.people", f.Case.People), Text: c.t("casepage.chart.in", "span", c.days(7*len(weeks)))}
		out.Label = c.t("casepage.chart.label", "people", c.v.words.N("caselist.people", f.Case.People), "span", c.days(7*len(weeks)))
		return out, "", ""
	}
	t := c.trend()
	if change < len(weeks) {
		out.To = c.t("casepage.chart.to", "date", c.dayMonth(c.now.AddDate(0, 0, -1)))
	}
	out.Before = view.ChartLabel{Head: c.t("casepage.chart.before"), Text: c.t("casepage.chart.side", "people", c.v.words.N("caselist.people", t.Before.People), "span", c.days(t.Before.Days))}
	after := c.t("casepage.chart.side", "people", c.v.words.N("caselist.people", t.After.People), "span", c.days(t.After.Days))
	if t.After.Days == 0 {
		after = c.t("casepage.chart.tomorrow")
	}
	out.After = view.ChartLabel{Head: c.t("casepage.chart.after", "date", c.dayMonth(f.Case.ChangedAt)), Text: after}
	out.Label = c.t("casepage.chart.label.both", "title", f.Case.Title, "before", out.Before.Text, "after", out.After.Text, "date", c.dayMonth(f.Case.ChangedAt))
	big, so = c.trendSay(t)
	return out, big, so
}

// trendSay says how sure the change helped, in plain words.
func (c *caseDesk) trendSay(t growth.Trend) (big, so string) {
	switch t.Outcome {
	case record.Worked:
		big = c.t("casepage.worked.probably")
		if t.Chance <= 0.01 {
			big = c.t("casepage.worked")
		}
		so = c.t("casepage.worked.so", "times", c.v.words.Number(oneIn(t.Chance)))
		if t.Before.People+t.After.People < 20 {
			so += " " + c.t("casepage.small")
		}
	case record.NotWorked:
		big, so = c.t("casepage.notworked"), c.t("casepage.notworked.so")
	case record.TooFew:
		big, so = c.t("casepage.toofew"), c.t("casepage.toofew.so")+c.lookAt(t)
	default:
		big = c.t("casepage.tooearly")
		if t.After.Days == 0 {
			return big, c.t("casepage.tooearly.tomorrow") + c.lookAt(t)
		}
		so = c.t("casepage.tooearly.so", "span", c.days(t.After.Days)) + c.lookAt(t)
	}
	return big, so
}

// oneIn writes a chance as one in so many, in numbers that one can say.
func oneIn(p float64) int {
	if p <= 0.001 {
		return 1000
	}
	n := 1 / p
	for _, step := range []float64{100, 50, 10} {
		if n >= 2*step {
			return int(math.Floor(n/step) * step)
		}
	}
	return int(math.Floor(n))
}

func (c *caseDesk) weekTable(weeks []growth.Week, change int) view.TableProps {
	t := view.TableProps{Caption: c.t("casepage.chart.caption"), Heads: true, Columns: []view.Column{{Label: c.t("casepage.chart.week")}, {Label: c.t("casepage.chart.people"), Number: true}, {Label: c.t("casepage.chart.side.head")}}}
	for i, w := range weeks {
		if w.People == 0 {
			continue
		}
		side := ""
		if change < len(weeks) {
			side = c.t("casepage.chart.before")
			if i >= change {
				side = c.t("casepage.chart.after.short")
			}
		}
		t.Rows = append(t.Rows, []templ.Component{view.Plain(c.shortDate(w.Start)), view.Number(c.v.words.Number(w.People), ""), view.Plain(side)})
	}
	return t
}

// lettersMost is of how many letters the page says how they went out.
const lettersMost = 40

// letters are what goes back to those who said it.
func (c *caseDesk) letters() (view.LetterPart, error) {
	var out view.LetterPart
	f := c.file
	if len(f.Letters) == 0 {
		if f.Case.State == growth.CaseChanging && c.manage {
			out.Text = c.t("casepage.letters.later")
		}
		return out, nil
	}
	told := 0
	for i, l := range f.Letters {
		row, err := c.letter(l, i < lettersMost)
		if err != nil {
			return out, err
		}
		if l.State == growth.LetterSent || l.State == growth.LetterAnswered {
			told++
		}
		out.Letters = append(out.Letters, row)
	}
	out.Say = c.t("casepage.letters.say", "told", c.v.words.Number(told), "all", c.v.words.Number(len(f.Letters)))
	return out, nil
}

func (c *caseDesk) letter(l growth.Letter, look bool) (view.Letter, error) {
	id := string(l.ID)
	name := l.To.Label()
	row := view.Letter{ID: id, Name: name, First: called(l.To), Who: view.WhoProps{Name: name, Size: view.SizeSmall}, Icon: "check"}
	for _, v := range c.file.Voices {
		if v.ID == l.Criticism {
			row.Where = c.channelLabel(v.Channel)
		}
	}
	if name == "" {
		row.Name = c.t("casepage.voices.erased")
	}
	if c.v.actor.Can(team.InboxRead) && l.Conversation != "" {
		row.Talk = view.PathInbox + "/" + string(l.Conversation)
	}
	switch l.State {
	case growth.LetterSent:
		row.State = c.t("casepage.letters.sent", "date", c.shortDate(l.SentAt))
		if look && l.Reply != "" && c.v.actor.Can(team.InboxRead) {
			reply, err := c.rooms.Inbox.GetReply(c.ctx(), c.v.actor, l.Reply)
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return row, err
			}
			if err == nil && reply.State != inbox.ReplySent {
				row.State, row.Icon = c.t("casepage.letters."+string(reply.State)), "hourglass"
			}
		}
	case growth.LetterSkipped:
		row.State, row.Icon = c.t("casepage.letters.skipped"), "close"
	case growth.LetterAnswered:
		row.State = c.t("casepage.letters.better")
		if !l.Better {
			row.State, row.Icon = c.t("casepage.letters.worse"), "close"
		}
		row.Words = l.Words
	default:
		if c.v.actor.Can(team.InboxReply) && !c.closed {
			if l.Public {
				row.Note = c.t("casepage.letters.public")
			}
			if c.state.of(id) {
				var err error
				if row.Asks, err = c.askViews(c.state.asks, c.file.Case.ID, c.file.Case); err != nil {
					return row, err
				}
			}
			row.URL, row.Key = c.base+"/letters/"+id, c.t("casepage.letters.write", "name", row.First)
			row.Text, row.Error, row.Open = c.state.value(id, "text", l.Text), sayFields(c.wrongOf(id)), c.state.of(id)
		} else {
			row.State, row.Icon = c.t("casepage.letters.waits"), "hourglass"
		}
	}
	return row, nil
}
