package web

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/tie"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// mostInvolve is how many people to involve stand on the page before the key that shows the others.
const mostInvolve = 3

// draw fills the page from a portrait.
func (t *tiesDesk) draw(out *view.TiesPage) {
	out.Period = t.n("tiespage.period", t.v.Days)
	for _, days := range slices.Sorted(slices.Values(reach.Periods)) {
		out.Periods = append(out.Periods, view.ItemProps{Label: t.n("tiespage.period", days), Href: t.href(days), Current: days == t.v.Days})
	}
	out.Lede = t.lede()
	out.Involve = t.involve()
	out.Graph = t.graph()
	out.Caption = t.caption(out.Graph)
	out.Depends = t.depends()
	out.Circles, out.CirclesSo = t.circles()
	out.Cooling = t.cooling()
	out.Past = t.past()
	out.GuideSay = t.t("tiespage.guide.text")
	out.Settings = t.desk.v.actor.Can(team.CompanyRead)
}

// lede says who leads to whom.
func (t *tiesDesk) lede() string {
	who := map[string]bool{}
	for _, b := range t.v.Bridges {
		who[string(b.Person)] = true
	}
	if len(who) == 0 {
		return t.t("tiespage.lede.none")
	}
	return t.n("tiespage.lede", len(who))
}

func (t *tiesDesk) circleName(c int) string { return t.look.CircleName(t.desk.v.words, t.v, c) }

// size is how many people a circle has, as far as one sees.
func (t *tiesDesk) size(c reach.Circle) string { return t.n("tiespage.people", c.People) }

func (t *tiesDesk) graph() view.TiesGraph {
	g := view.TiesGraph{Home: t.v.Home, Us: view.Initials(t.desk.v.company.Name), MapHref: t.mapHref()}
	for c, x := range t.v.Circles {
		g.Circles = append(g.Circles, view.TiesCircle{Name: t.circleName(c), Size: t.size(x), People: x.People, Know: x.Know, Ours: x.Ours()})
	}
	chosen := ""
	for _, i := range t.look.Involve {
		for _, b := range t.v.Bridges {
			if chosen == "" && b.Person == i.Person {
				chosen = string(i.Person)
			}
		}
	}
	var names []string
	for _, b := range t.v.Bridges {
		if t.look.Names[b.Person] == "" {
			continue
		}
		g.Bridges = append(g.Bridges, view.TiesBridge{
			Name: firstName(t.name(b.Person)), Href: t.personHref(b.Person), From: b.From, To: b.To, Acts: b.Ties, Chosen: chosen == string(b.Person),
		})
		names = append(names, firstName(t.name(b.Person)))
	}
	for _, k := range t.v.Kin {
		g.Kin = append(g.Kin, view.TiesKin(k))
	}
	g.Label = t.n("tiespage.graph", len(g.Circles))
	if len(names) > 0 {
		g.Label += " " + t.n("tiespage.graph.bridges", len(names), "names", strings.Join(names, ", "))
	}
	g.Label += " " + t.t("tiespage.graph.table")
	return g
}

func (t *tiesDesk) caption(g view.TiesGraph) []string {
	out := []string{t.n("tiespage.caption.dot", g.PerDot()), t.t("tiespage.caption.arc")}
	out = append(out, t.t("tiespage.caption.of", "people", t.number(t.v.People), "events", t.number(t.v.Events), "date", t.desk.v.words.SinceDate(t.v.Since.In(t.zone))))
	if t.v.Others > 0 {
		out = append(out, t.n("tiespage.caption.others", t.v.Others))
	}
	return out
}

func (t *tiesDesk) involve() view.TiesInvolve {
	var out view.TiesInvolve
	first := true
	for _, i := range t.look.Involve {
		row := view.TiesRow{Who: view.WhoProps{Name: i.Name, Kind: view.WhoBridge}, Name: i.Name, Href: t.personHref(i.Person), Key: t.keyOf(i, first), Chosen: first}
		if c := i.Pick.Circle; c >= 0 && t.days == reach.Periods[0] && c < len(t.v.Circles) {
			row.Where = t.t("tiespage.towards", "circle", t.circleName(c), "size", t.size(t.v.Circles[c]))
		}
		var why []string
		for _, s := range i.Reasons {
			why = append(why, t.say(s))
		}
		row.Why = strings.Join(why, " ")
		row.Expect = t.rangeSay(i.Pick.Expected)
		if t.desk.v.actor.Can(team.PeopleManage) {
			row.NotURL, row.NotSay = view.PathTies+"/"+string(i.Suggestion)+"/not-now", t.t("tiespage.not_now.who", "name", i.Name)
		}
		first = false
		if len(out.Rows) < mostInvolve {
			out.Rows = append(out.Rows, row)
		} else {
			out.More = append(out.More, row)
		}
	}
	if len(out.Rows) == 0 {
		out.None = t.t("tiespage.involve.none")
		return out
	}
	a := t.p.Advice
	switch {
	case a.Short:
		out.Note = t.t("tiespage.advice.short")
	case a.Total.Known:
		out.Note = t.n("tiespage.advice.windows", a.Windows, "date", t.desk.v.words.ShortDate(a.Until.In(t.zone), t.now))
	default:
		out.Note = t.t("tiespage.advice.unsure")
	}
	return out
}

func (t *tiesDesk) depends() view.TiesDepends {
	d := t.v.Depends
	if d.Few {
		return view.TiesDepends{Few: t.t("tiespage.depends.few", "events", t.number(d.Events), "people", t.number(d.People))}
	}
	out := view.TiesDepends{All: d.Events, Big: t.t("tiespage.depends.big", "n", t.number(d.Top3), "of", t.number(d.Events))}
	var said []string
	left := d.Events
	for _, f := range d.Top {
		out.Fans = append(out.Fans, view.TiesFan{Name: firstName(t.name(f.Person)), Say: t.number(f.Events), N: f.Events})
		said = append(said, t.name(f.Person)+" "+t.number(f.Events))
		left -= f.Events
	}
	if rest := d.People - len(d.Top); rest > 0 {
		out.Rest = view.TiesFan{Name: t.n("tiespage.depends.rest", rest), Say: t.number(left), N: left}
	}
	out.Label = t.t("tiespage.depends.label", "big", out.Big, "names", strings.Join(said, ", "))
	lost := t.n("tiespage.depends.silent", tenths(d.Top3, d.Events))
	if 10*d.Top3 < d.Events {
		lost = t.t("tiespage.depends.little")
	}
	if b := d.Before; b != nil {
		lost += " " + t.n("tiespage.depends.before", tenths(b.Top3, b.Events))
	}
	out.So = append(out.So, lost)
	if d.Effective > 0 {
		out.So = append(out.So, t.n("tiespage.depends.effective", int(d.Effective+0.5), "of", t.number(d.People)))
	}
	if d.People > 10 {
		out.So = append(out.So, t.t("tiespage.depends.ten", "n", t.number(d.Top10), "of", t.number(d.Events)))
	}
	if d.Lost > 0 && len(d.Top) > 0 {
		out.So = append(out.So, t.n("tiespage.depends.lost", d.Lost, "name", t.name(d.Top[0].Person)))
	}
	if len(d.Networks) == 1 {
		out.So = append(out.So, t.t("tiespage.depends.one", "network", view.NetLabel(d.Networks[0].Network)))
	} else if len(d.Networks) > 1 {
		out.So = append(out.So, t.t("tiespage.depends.network", "network", view.NetLabel(d.Networks[0].Network), "n", t.number(d.Networks[0].Events), "of", t.number(d.Events)))
	}
	out.Gini = t.t("tiespage.gini.text", "gini", decimal(t.desk.v.lang, d.Gini))
	return out
}

// tenths is how many of ten a part is; never none where there is some.
func tenths(part, whole int) int {
	if whole == 0 {
		return 0
	}
	n := (10*part + whole/2) / whole
	if n == 0 && part > 0 {
		return 1
	}
	return n
}

func (t *tiesDesk) circles() (view.TableProps, string) {
	out := view.TableProps{
		Caption: t.t("tiespage.circles"), Heads: true,
		Columns: []view.Column{
			{Label: t.t("tiespage.circles.circle")},
			{Label: t.t("tiespage.circles.people"), Number: true},
			{Label: t.t("tiespage.circles.know"), Number: true},
			{Label: t.t("tiespage.circles.who")},
		},
	}
	for c, x := range t.v.Circles {
		out.Rows = append(out.Rows, []templ.Component{
			view.Plain(t.circleName(c)), view.Plain(t.number(x.People)), view.Plain(t.number(x.Know)), view.Plain(t.say(t.look.Carried(x))),
		})
	}
	if t.p.Lists > 0 {
		return out, t.t("tiespage.circles.lists", "n", t.number(t.p.Lists), "of", t.number(t.p.Listable))
	}
	return out, ""
}

func (t *tiesDesk) cooling() view.TiesCooling {
	c := t.p.Cooling
	var out view.TiesCooling
	if c.Early {
		out.None = t.t("tiespage.cooling.early")
		out.So = t.t("tiespage.cooling.early.text", "days", t.number(c.Recent+c.Before))
		return out
	}
	for _, f := range c.Friends {
		if t.look.Names[f.Person] == "" {
			continue
		}
		recent := t.t("tiespage.cooling.never", "days", t.number(c.Recent))
		if f.Recent > 0 {
			recent = t.n("tiespage.cooling.now", f.Recent, "days", t.number(c.Recent))
		}
		out.Rows = append(out.Rows, view.RowProps{
			Who: &view.WhoProps{Name: t.name(f.Person)}, Title: t.name(f.Person), Href: t.personHref(f.Person),
			Text:  t.n("tiespage.cooling.was", f.Before, "before", t.number(c.Before), "recent", recent),
			Notes: []string{t.t("tiespage.cooling.last", "date", t.desk.v.words.ShortDate(f.Last.In(t.zone), t.now)), t.oneIn(f.Chance)},
		})
	}
	if len(out.Rows) == 0 {
		out.None = t.t("tiespage.cooling.none")
	}
	out.So = t.n("tiespage.cooling.checked", c.Checked, "chance", decimal(t.desk.v.lang, c.ByChance))
	return out
}

// oneIn says how rare something is by chance.
func (t *tiesDesk) oneIn(chance float64) string {
	switch {
	case chance <= 0.001:
		return t.t("tiespage.chance.rare")
	default:
		return t.t("tiespage.chance", "n", t.number(int(1/chance+0.5)))
	}
}

func (t *tiesDesk) past() view.TiesPast {
	p := t.p.Past
	out := view.TiesPast{Lift: t.lift()}
	if b := t.look.Last; b != nil {
		out.Last = t.n("tiespage.past.last", b.Involved, "date", t.desk.v.words.SinceDate(b.Since.In(t.zone)), "foreseen", t.foreseen(b.Expected), "reached", t.number(b.Reached))
	} else {
		out.Last = t.t("tiespage.past.last.none")
	}
	if weak := t.weakCarried(); weak != "" {
		out.Last += " " + weak
	}
	if len(p.Windows) < 3 {
		out.None = t.t("tiespage.past.early")
		out.So = append(out.So, t.n("tiespage.past.early.text", len(p.Windows)))
		return out
	}
	out.Big = t.n("tiespage.past.big", p.Stated, "covered", t.number(p.Covered))
	if p.Stated == 0 {
		out.Big = t.t("tiespage.past.unstated")
	}
	most := 1.0
	for _, w := range p.Windows {
		most = max(most, float64(w.Reached))
		if w.Forecast.Known {
			most = max(most, min(w.Forecast.High, 3*float64(max(w.Reached, 3))))
		}
	}
	for _, w := range p.Windows {
		b := view.TiesBar{
			When: t.desk.v.words.ShortDate(w.From.In(t.zone), t.now), Reached: 100 * float64(w.Reached) / most, Held: w.Held, Told: w.Forecast.Known,
			Said: t.n("tiespage.past.bar", w.Reached, "foreseen", t.t("tiespage.past.unforeseen")),
		}
		if b.Told {
			b.Low, b.High = 100*min(w.Forecast.Low/most, 1), 100*min(w.Forecast.High/most, 1)
			b.Said = t.n("tiespage.past.bar", w.Reached, "foreseen", t.t("tiespage.past.foreseen", "low", t.number(int(w.Forecast.Low)), "high", t.number(int(w.Forecast.High))))
		}
		out.Bars = append(out.Bars, b)
	}
	if p.Stated == 0 {
		out.Bars = nil // nothing was foreseen that they could be compared with
	}
	out.Label = t.t("tiespage.past.label")
	out.So = append(out.So, t.t("tiespage.past.rule", "advised", t.number(p.Advised), "rule", t.number(p.Rule), "more", t.number(p.More), "same", t.number(p.Same), "less", t.number(p.Less)))
	return out
}

// foreseen says how many new people were expected of what is over.
func (t *tiesDesk) foreseen(r reach.Range) string {
	low, high := int(r.Low), int(r.High)
	switch {
	case !r.Known:
		return t.t("tiespage.foreseen.unknown", "about", t.number(int(r.Expected+0.5)))
	case low == 0:
		return t.t("tiespage.foreseen.most", "high", t.number(high))
	case low == high:
		return t.number(high)
	}
	return t.t("tiespage.foreseen.range", "low", t.number(low), "high", t.number(high))
}

// weakCarried says how much of what was carried lately went by weak ties; "" where nothing was.
func (t *tiesDesk) weakCarried() string {
	var all, weak reach.Credit
	unknown := 0
	for _, c := range t.look.Credits {
		all.Shares, all.First = all.Shares+c.Shares, all.First+c.First
		if c.Class.IsWeak() {
			weak.Shares, weak.First = weak.Shares+c.Shares, weak.First+c.First
		} else if c.Class == tie.Unknown {
			unknown += c.First
		}
	}
	if all.Shares+all.First == 0 {
		return ""
	}
	return t.t("tiespage.past.weak", "days", reach.CreditDays, "shares", t.number(all.Shares), "weakshares", t.number(weak.Shares),
		"first", t.number(all.First), "weakfirst", t.number(weak.First), "unknown", t.number(unknown))
}

// lift says whether involving people helps, as far as it can be told.
func (t *tiesDesk) lift() view.TiesLift {
	l, lang := t.look.Lift, t.desk.v.lang
	var out view.TiesLift
	if t.desk.v.actor.Can(team.CompanyRead) {
		out.Settings = t.t("tiespage.lift.settings")
	}
	if l.Few {
		out.Big = t.t("tiespage.lift.few", "shown", t.number(l.Shown.People), "held", t.number(l.Held.People), "needed", t.number(reach.Fewest))
		if t.look.Hold == 0 && l.Held.People < reach.Fewest {
			out.Big = t.t("tiespage.lift.off")
		}
	} else {
		more := l.More.Expected
		key := "tiespage.lift.chance"
		switch {
		case l.Clear() && more > 0:
			key = "tiespage.lift.more"
		case l.Clear():
			key = "tiespage.lift.less"
		}
		out.Big = t.t(key, "more", decimal(lang, math.Abs(more)))
		out.So = append(out.So, t.t("tiespage.lift.margin", "low", signed(lang, l.More.Low), "high", signed(lang, l.More.High)))
		most := max(l.Shown.Mean, l.Held.Mean, 0.01)
		for _, a := range []struct {
			name string
			arm  reach.Arm
		}{{"shown", l.Shown}, {"held", l.Held}} {
			out.Arms = append(out.Arms, view.TiesArm{
				Name: t.t("tiespage.lift." + a.name), Mean: 100 * a.arm.Mean / most,
				Said: t.n("tiespage.lift.arm", a.arm.People, "mean", decimal(lang, a.arm.Mean), "done", t.number(a.arm.Done)),
			})
		}
		out.Label = t.t("tiespage.lift.label")
	}
	out.So = append(out.So, t.t("tiespage.lift.what", "hold", t.number(t.look.Hold)))
	if t.look.Hold == 0 {
		out.So[len(out.So)-1] = t.t("tiespage.lift.what.off")
	}
	return out
}

// firstName is what a person is called in short: their first name, or their whole name where it is a handle.
func firstName(name string) string {
	if first, _, ok := strings.Cut(name, " "); ok && len(first) > 1 {
		return first
	}
	return name
}

// signed writes a number with its sign.
func signed(lang string, x float64) string {
	s := decimal(lang, math.Abs(x))
	switch {
	case strings.Trim(s, "0.,") == "":
		return s
	case x < 0:
		return "−" + s
	}
	return "+" + s
}

// decimal writes a number with one digit after the point, as the language has it.
func decimal(lang string, x float64) string {
	s := strconv.FormatFloat(x, 'f', 1, 64)
	if lang == "it" {
		return strings.Replace(s, ".", ",", 1)
	}
	return s
}
