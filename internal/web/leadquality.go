package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) qualityRoutes() {
	w.member("GET "+view.PathQuality, w.showQuality)
	w.member("POST "+view.PathQuality, w.changeQuality)
}

func (w *Web) showQuality(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	rules, err := w.rooms.Leads.Rules(r.Context(), d.v.actor)
	if err != nil {
		return err
	}
	return d.quality(rw, http.StatusOK, rules, nil, false)
}

// whatName is how a form says what a rule looks at: an answer with the field it is to.
func whatName(r lead.Rule) string {
	if r.What == lead.WhatAnswer {
		return string(r.What) + ":" + r.Field
	}
	return string(r.What)
}

// quality draws the rules, as they are kept or as they were typed, and what the company's own leads speak for.
func (d *desk) quality(rw http.ResponseWriter, status int, rules []lead.Rule, pr *problem, typed bool) error {
	learnt, won, lost, err := d.rooms.Leads.Suggest(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	names, err := d.ruleNames()
	if err != nil {
		return err
	}
	p := d.leadPage("qualitypage.title")
	out := view.QualityPage{
		Tabs: d.leadTabs(view.PathQuality), Can: d.v.actor.Can(team.FormsManage), URL: view.PathQuality,
		How: d.t("qualitypage.sum.how", "good", strconv.Itoa(lead.GoodFrom)),
	}
	if typed {
		out.Unsaved = d.t("qualitypage.unsaved")
	}
	if pr != nil && len(pr.Fields) == 0 {
		out.Trouble = &view.TroubleProps{Title: pr.Text, Text: pr.Remedy}
	}
	for i, r := range rules {
		row := view.RuleRow{Nth: i, Value: r.Value, Points: strconv.Itoa(r.Points), Says: d.ruleSays(r, names)}
		chosen := whatName(r)
		add := func(value, label string) {
			row.Whats = append(row.Whats, view.Option{Value: value, Label: label, Selected: value == chosen})
		}
		for _, x := range lead.Whats {
			if x != lead.WhatAnswer {
				add(string(x), d.t("qualitypage.what."+string(x)))
			}
		}
		for _, key := range slices.Sorted(keysOf(names.fields)) {
			add(string(lead.WhatAnswer)+":"+key, d.t("qualitypage.what.said", "label", names.fields[key]))
		}
		if r.What == lead.WhatAnswer && names.fields[r.Field] == "" {
			add(chosen, d.t("qualitypage.what.said", "label", r.Field))
		}
		for _, x := range lead.Hows {
			row.Hows = append(row.Hows, view.Option{Value: string(x), Label: strings.TrimSpace(d.t("qualitypage.how."+string(x), "value", "…")), Selected: x == r.How})
		}
		if pr != nil {
			for _, part := range []string{"what", "how", "value", "points"} {
				if bad := pr.Fields["rule"+strconv.Itoa(i)+"."+part]; bad != "" && row.Bad == "" {
					row.Bad = bad
				}
			}
		}
		out.Rules = append(out.Rules, row)
	}
	switch {
	case won < lead.LearnFrom || lost < lead.LearnFrom:
		out.Enough = d.t("qualitypage.learnt.few", "won", d.v.words.Number(won), "lost", d.v.words.Number(lost), "least", strconv.Itoa(lead.LearnFrom))
	case len(learnt) == 0:
		out.Enough = d.t("qualitypage.learnt.none", "won", d.v.words.Number(won), "lost", d.v.words.Number(lost))
	default:
		out.Enough = d.t("qualitypage.learnt.from", "won", d.v.words.Number(won), "lost", d.v.words.Number(lost))
	}
	for _, l := range learnt {
		row := view.LearntRow{Says: d.ruleSays(l.Rule, names), Count: d.t(
			"qualitypage.learnt.count", "won", d.v.words.Number(l.Won), "of", d.v.words.Number(l.Of), "else", d.v.words.Number(l.WonElse), "but", d.v.words.Number(l.But),
		)}
		if out.Can {
			row.Add = "take:" + url.Values{"what": {whatName(l.Rule)}, "how": {string(l.Rule.How)}, "value": {l.Rule.Value}, "points": {strconv.Itoa(l.Rule.Points)}}.Encode()
		}
		out.Learnt = append(out.Learnt, row)
	}
	return d.showStatus(rw, d.r, status, p, view.Quality(p, out))
}

func ruleOf(what, how, value, points string) lead.Rule {
	r := lead.Rule{How: lead.How(how), Value: value}
	name, field, _ := strings.Cut(what, ":")
	r.What, r.Field = lead.What(name), field
	r.Points, _ = strconv.Atoi(strings.Replace(strings.TrimSpace(points), "−", "-", 1)) // what is no number is zero, which the room refuses
	return r
}

func (w *Web) changeQuality(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	if err := d.v.actor.May(team.FormsManage); err != nil {
		return err
	}
	var rules []lead.Rule
	for i := range 100 {
		at := "rule" + strconv.Itoa(i) + "."
		if r.PostFormValue(at+"what") == "" {
			break
		}
		rules = append(rules, ruleOf(r.PostFormValue(at+"what"), r.PostFormValue(at+"how"), r.PostFormValue(at+"value"), r.PostFormValue(at+"points")))
	}
	do, rest, _ := strings.Cut(r.PostFormValue("do"), ":")
	switch do {
	case "add":
		return d.quality(rw, http.StatusOK, append(rules, lead.Rule{What: lead.WhatChannel, How: lead.Is, Points: 1}), nil, true)
	case "drop":
		if n, err := strconv.Atoi(rest); err == nil && n >= 0 && n < len(rules) {
			rules = slices.Delete(rules, n, n+1)
		}
		return d.quality(rw, http.StatusOK, rules, nil, true)
	case "take":
		q, err := url.ParseQuery(rest)
		if err == nil {
			rules = append(rules, ruleOf(q.Get("what"), q.Get("how"), q.Get("value"), q.Get("points")))
		}
		return d.quality(rw, http.StatusOK, rules, nil, true)
	}
	_, err = w.rooms.Leads.SetRules(r.Context(), d.v.actor, rules)
	if pr, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		return d.quality(rw, pr.Status, rules, &pr, true)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathQuality, "qualitypage.done")
}
