package web

import (
	"html"
	"net/http"
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) growthRoutes() {
	w.member("GET "+view.PathGrowth, w.showGrowth)
	w.member("POST "+view.PathGrowth, w.changeGrowth)
	w.member("POST "+view.PathGrowth+"/heads/{head}/send", w.sendHead)
	w.member("POST "+view.PathGrowth+"/heads/{head}/skip", w.skipHead)
}

// growthState is what an answer to a form adds to the page.
type growthState struct {
	typed    *growth.Settings
	decideIn string
	embed    string
	wrong    problem
	head     string // the post that a form was about
}

func (w *Web) showGrowth(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.growthPage(rw, http.StatusOK, growthState{})
}

// publicPrefix is where the public pages of the company stand: those of the sample company beside a real one have a place of their own.
func (d *desk) publicPrefix() (string, error) {
	if !d.v.company.Sample {
		return "", nil
	}
	all, err := d.rooms.Team.Companies(d.ctx())
	if err != nil {
		return "", err
	}
	if len(all) > 1 {
		return "/sample", nil
	}
	return "", nil
}

// publicPath is the page that the public reads, in the reader's language.
func (d *desk) publicPath() (string, error) {
	prefix, err := d.publicPrefix()
	if d.v.lang == "it" {
		return prefix + "/crescita", err
	}
	return prefix + "/growth", err
}

// base is the address of the house as the reader reaches it.
func (d *desk) base() string {
	if d.options.BaseURL != "" {
		return d.options.BaseURL
	}
	scheme := "http://"
	if d.v.secure {
		scheme = "https://"
	}
	return scheme + d.r.Host
}

func (d *desk) growthPage(rw http.ResponseWriter, status int, s growthState) error {
	kept, err := d.rooms.Growth.Settings(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	out := view.GrowthPage{Tabs: d.caseTabs(view.PathGrowth), Change: d.v.actor.Can(team.CompanyChange), Errors: s.wrong.Fields, Error: s.wrong.Text, Remedy: s.wrong.Remedy}
	decideIn, embed := strconv.Itoa(kept.DecideIn), strings.Join(kept.Embed, "\n")
	if s.typed != nil {
		kept, decideIn, embed = *s.typed, s.decideIn, s.embed
	}
	if s.head != "" {
		out.Errors, out.Error, out.Remedy = nil, "", ""
	}
	out.Open = kept.Open
	out.Values = map[string]string{
		"title_it": kept.Title.IT, "title_en": kept.Title.EN, "lede_it": kept.Lede.IT, "lede_en": kept.Lede.EN, "promise_it": kept.Promise.IT, "promise_en": kept.Promise.EN,
		"write_to": kept.WriteTo, "decide_in": decideIn, "embed": embed,
	}
	approving := map[team.Role]bool{team.Owner: true}
	for _, role := range kept.Approvers {
		approving[role] = true
	}
	var names []string
	for _, role := range team.Roles {
		c := view.CheckProps{Name: "approvers", Value: string(role), Label: d.t("team.role." + string(role)), Checked: approving[role]}
		if role == team.Owner {
			c.Attrs = map[string]any{"disabled": true}
		}
		out.Approvers = append(out.Approvers, c)
		if approving[role] {
			names = append(names, c.Label)
		}
	}
	state := "growthpage.open.no"
	if kept.Open {
		state = "growthpage.open.yes"
	}
	out.Facts = []view.Fact{
		{Label: d.t("growthpage.page"), Value: d.t(state)},
		{Label: d.t("growthpage.approvers"), Value: strings.Join(names, ", ")},
		{Label: d.t("growthpage.decide_in"), Value: d.v.words.N("casepage.days", kept.DecideIn)},
	}
	if kept.WriteTo != "" {
		out.Facts = append(out.Facts, view.Fact{Label: d.t("growthpage.write_to"), Value: kept.WriteTo})
	}
	if out.PageHref, err = d.publicPath(); err != nil {
		return err
	}
	out.Address = d.base() + out.PageHref
	out.Embed = `<iframe src="` + html.EscapeString(out.Address) + `/embed" title="` + html.EscapeString(d.v.company.Name) + `" width="100%" height="600" loading="lazy"></iframe>`
	if err := d.recordState(&out); err != nil {
		return err
	}
	if err := d.headPosts(&out, s); err != nil {
		return err
	}
	p := d.casePage("growthpage.title")
	p.Topics = ""
	return d.showStatus(rw, d.r, status, p, view.Growth(p, out))
}

// recordState says how the record stands.
func (d *desk) recordState(out *view.GrowthPage) error {
	key, err := d.rooms.Growth.VerifierKey(d.ctx(), d.v.actor.Company)
	if fault.KindOf(err) == fault.NotFound {
		out.RecordSay = d.t("growthpage.record.none")
		return nil
	}
	if err != nil {
		return err
	}
	page, err := d.rooms.Growth.Page(d.ctx(), d.v.actor.Company, "", 1, true)
	if err != nil {
		return err
	}
	prefix, err := d.publicPrefix()
	if err != nil {
		return err
	}
	out.RecordSay = d.t("growthpage.record.text")
	out.Key, out.Verify = key, "ponte record verify "+d.base()+prefix
	out.Record = []view.Fact{
		{Label: d.t("growthpage.record.size"), Value: d.v.words.N("growthpage.record.leaves", int(page.Size)), Note: d.t("growthpage.record.since", "date", d.v.words.Date(page.Figures.Since.In(d.zone)))},
		{Label: d.t("growthpage.record.head"), Value: page.Head, Note: d.moment(page.HeadAt)},
	}
	return nil
}

// headPosts lists the weekly posts of the record's head.
func (d *desk) headPosts(out *view.GrowthPage, s growthState) error {
	posts, err := d.rooms.Growth.HeadPosts(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	for _, p := range posts {
		row := view.HeadPost{ID: p.ID, When: d.t("growthpage.heads.of", "date", d.dayMonth(p.MadeAt), "size", d.v.words.Number(int(p.Size))), Text: p.Text}
		switch p.State {
		case growth.LetterSent:
			row.State, row.Icon = d.t("growthpage.heads.sent"), "check"
		case growth.LetterSkipped:
			row.State, row.Icon = d.t("growthpage.heads.skipped"), "close"
		default:
			row.State, row.Icon = d.t("growthpage.heads.waits"), "hourglass"
			if d.v.actor.Can(team.GrowthPublish) {
				row.SendURL, row.SkipURL = view.PathGrowth+"/heads/"+p.ID+"/send", view.PathGrowth+"/heads/"+p.ID+"/skip"
				for _, ch := range sortedChannels(d.channels) {
					if ch.State == network.Active {
						row.Channels = append(row.Channels, view.CheckProps{Name: "channels", Value: string(ch.ID), Label: channelTitle(ch), Hint: view.NetLabel(ch.Network)})
					}
				}
			}
		}
		for _, u := range p.URLs {
			if at := webAddress(u); at != "" {
				row.Links = append(row.Links, view.HeadLink{Label: shortAddress(at), Href: at})
			}
		}
		if s.head == p.ID {
			row.Open, row.Error = true, sayAll(s.wrong)
		}
		out.Heads = append(out.Heads, row)
	}
	return nil
}

// shortAddress is an address as one reads it: without its scheme, and not longer than a line.
func shortAddress(u string) string {
	u = strings.TrimPrefix(strings.TrimPrefix(u, "https://"), "http://")
	if r := []rune(u); len(r) > 42 {
		return string(r[:41]) + "…"
	}
	return u
}

func (w *Web) changeGrowth(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	s := growth.Settings{
		Open: r.PostFormValue("open") == "yes", Title: wordsOf(r, "title"), Lede: wordsOf(r, "lede"), Promise: wordsOf(r, "promise"), WriteTo: r.PostFormValue("write_to"),
		Approvers: []team.Role{team.Owner},
	}
	for _, role := range r.PostForm["approvers"] {
		s.Approvers = append(s.Approvers, team.Role(role))
	}
	s.Embed = strings.Fields(r.PostFormValue("embed"))
	s.DecideIn, _ = strconv.Atoi(strings.TrimSpace(r.PostFormValue("decide_in"))) // what is no number is refused as too small
	err = w.rooms.Growth.ChangeSettings(r.Context(), d.v.actor, s)
	if pr, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		return d.growthPage(rw, pr.Status, growthState{typed: &s, decideIn: r.PostFormValue("decide_in"), embed: r.PostFormValue("embed"), wrong: pr})
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathGrowth, "growthpage.saved")
}

// headDone answers after something was decided about a post.
func (d *desk) headDone(rw http.ResponseWriter, err error, key string) error {
	if pr, ok := d.wrong(rw, d.r, err, fault.Invalid, fault.Conflict); ok {
		return d.growthPage(rw, pr.Status, growthState{head: d.r.PathValue("head"), wrong: pr})
	} else if err != nil {
		return err
	}
	return d.done(rw, d.r, view.PathGrowth+"#heads", key)
}

func (w *Web) sendHead(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	_ = r.PostFormValue("channels") // reads the form
	return d.headDone(rw, w.rooms.Growth.SendHead(r.Context(), d.v.actor, r.PathValue("head"), r.PostForm["channels"]), "growthpage.heads.done.send")
}

func (w *Web) skipHead(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.headDone(rw, w.rooms.Growth.SkipHead(r.Context(), d.v.actor, r.PathValue("head")), "growthpage.heads.done.skip")
}
