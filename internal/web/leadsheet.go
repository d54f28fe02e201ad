package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// leadSaid lays out what somebody answered, and what they agreed to.
func (d *desk) leadSaid(out *view.LeadSheet, s lead.Sheet) {
	for _, a := range s.Answers {
		if a.Kind == lead.Consent || a.Kind == lead.Email || a.Kind == lead.Phone || a.Key == lead.NameKey {
			continue // it stands elsewhere on the page
		}
		x := view.LeadAnswer{Label: a.Label, Text: a.Values}
		switch {
		case a.File != "":
			x.Href = view.PathLeads + "/" + out.ID + "/file/" + string(a.File)
		case a.Kind == lead.Long:
			x.Text = strings.Split(a.Values[0], "\n")
		case a.Kind == lead.Date:
			if t, err := time.Parse(time.DateOnly, a.Values[0]); err == nil {
				x.Text = []string{d.v.words.Date(t)}
			}
		}
		out.Answers = append(out.Answers, x)
	}
	for _, a := range s.Agreed {
		x := view.LeadAgreed{Text: a.Body, Icon: "check", Said: d.t("leadpage.agreed.yes", "version", d.v.words.Number(a.Version), "date", d.moment(a.Said))}
		if !a.Given {
			x.Icon, x.Said = "close", d.t("leadpage.agreed.no", "version", d.v.words.Number(a.Version), "date", d.moment(a.Said))
		}
		out.Agreed = append(out.Agreed, x)
	}
}

// leadReach says how somebody is reached, who they are, and who they may be.
func (d *desk) leadReach(out *view.LeadSheet, s lead.Sheet) {
	if !s.ErasedAt.IsZero() {
		out.Reach = append(out.Reach, view.Fact{Label: d.t("leadpage.erased"), Value: d.v.words.Date(s.ErasedAt.In(d.zone)), Note: d.t("leadpage.erased.note")})
		return
	}
	if s.Email != "" {
		f := view.Fact{Label: d.t("leadpage.email"), Value: s.Email, Href: "mailto:" + url.PathEscape(s.Email)}
		if !s.ConfirmedAt.IsZero() {
			f.Icon, f.Note = "check", d.t("leadpage.proved")
		}
		out.Reach = append(out.Reach, f)
	}
	if s.Phone != "" {
		out.Reach = append(out.Reach, view.Fact{Label: d.t("leadpage.phone"), Value: s.Phone, Href: "tel:" + dialled(s.Phone)})
	}
	if p := s.Whose.Person; p.ID != "" {
		row := personRow(p)
		row.Href = pathPeople + "/" + string(p.ID)
		out.Person = &row
	}
	if s.Conversation != "" && d.v.actor.Can(team.InboxRead) {
		out.TalkHref = view.PathInbox + "/" + string(s.Conversation)
	}
	for _, m := range s.Whose.Maybe {
		x := view.LeadMaybe{Row: personRow(m.Person), ID: string(m.Person.ID)}
		x.Row.Href = pathPeople + "/" + string(m.Person.ID)
		x.Row.Text = d.t("leadpage.maybe." + string(m.Why))
		if d.v.actor.Can(team.LeadsManage) && d.v.actor.Can(team.PeopleManage) {
			x.Do = view.PathLeads + "/" + out.ID + "/join"
		}
		out.Maybe = append(out.Maybe, x)
	}
}

// dialled is a telephone number as a telephone dials it.
func dialled(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, s)
}

// leadTouches says what brought somebody.
func (d *desk) leadTouches(out *view.LeadSheet, s lead.Sheet) {
	if !s.Last.Known() && !s.First.Known() {
		out.NoTouch = d.t("leadpage.touches.none")
		return
	}
	facts := func(t lead.Touch) (fs []view.Fact) {
		add := func(key, value string) {
			if value != "" {
				fs = append(fs, view.Fact{Label: d.t(key), Value: value})
			}
		}
		add("leadpage.when", d.moment(t.At))
		add("leadpage.channel", d.channelWord(t.Channel))
		add("leadpage.campaign", t.Campaign)
		if t.Source != t.Channel {
			add("leadpage.sourceword", t.Source)
		}
		add("leadpage.medium", t.Medium)
		if t.Post != "" && d.v.actor.Can(team.PostsRead) {
			out.PostHref = view.PathPosts + "/" + t.Post
		}
		if t.Carrier != "" && s.Carrier != nil && s.Carrier.ID == t.Carrier {
			add("leadpage.carrier", s.Carrier.Label())
		}
		return fs
	}
	out.First, out.Last, out.Same = facts(s.First), facts(s.Last), s.First == s.Last || !s.First.Known()
}

// leadWhy says why a lead is held for good or poor.
func (d *desk) leadWhy(out *view.LeadSheet, s lead.Sheet) error {
	if s.Quality == "" {
		out.NoRules = d.t("leadpage.quality.norules")
		return nil
	}
	names, err := d.ruleNames()
	if err != nil {
		return err
	}
	w := view.WhyProps{ID: "quality", Title: d.t("leadpage.quality.is." + string(s.Quality)), Icon: "results", HowSure: d.v.words.N("leadpage.quality.points", s.Score)}
	for _, r := range s.Reasons {
		w.Reasons = append(w.Reasons, view.Plain(d.ruleSays(r, names)))
	}
	if len(w.Reasons) == 0 {
		w.Reasons = []templ.Component{view.Plain(d.t("leadpage.quality.noreason"))}
	}
	out.Why = &w
	return nil
}

func (d *desk) leadEvent(s lead.Sheet, e lead.Event) view.LeadEvent {
	who := d.t("leadpage.event.ponte")
	if e.Member != "" {
		who = d.memberName(e.Member)
	}
	out := view.LeadEvent{When: d.moment(e.At), At: e.At.UTC().Format(time.RFC3339), Icon: "check"}
	state := func(x string) string { return d.t("leadpage.state." + x) }
	switch e.Kind {
	case lead.EventCame:
		out.Icon, out.What = "star", d.t("leadpage.event.came."+string(s.Source), "form", e.Becomes, "who", who)
	case lead.EventState:
		out.Icon, out.What, out.Note = leadIcons[lead.State(e.Becomes)], d.t("leadpage.event.state", "who", who, "state", state(e.Becomes)), e.Body
	case lead.EventValue:
		out.Icon, out.What = "euro", d.t("leadpage.event.value", "who", who, "was", e.Was, "is", e.Becomes)
	case lead.EventGiven:
		out.Icon, out.What = "assign", d.t("leadpage.event.given", "who", who, "to", d.memberName(team.MemberID(e.Becomes)))
		if e.Becomes == "" {
			out.What = d.t("leadpage.event.given.none", "who", who)
		}
	case lead.EventNote:
		out.Icon, out.What, out.Note = "note", d.t("leadpage.event.note", "who", who), e.Body
	case lead.EventJoined:
		out.Icon, out.What = "person", d.t("leadpage.event.joined", "who", who)
	default:
		out.Icon, out.What = "edit", d.t("leadpage.event.who", "who", who)
	}
	return out
}

// leadFacts are how a lead stands, for who may not change it.
func (d *desk) leadFacts(l lead.Lead) (out []view.Fact) {
	out = append(out, view.Fact{Label: d.t("leadpage.state.is"), Value: d.t("leadpage.state." + string(l.State)), Note: l.Reason, Icon: leadIcons[l.State]})
	if l.Cents > 0 {
		out = append(out, view.Fact{Label: d.t("leadpage.value"), Value: d.v.words.Money(l.Cents, l.Currency)})
	}
	if l.SoldOn != "" {
		if t, err := time.Parse(time.DateOnly, l.SoldOn); err == nil {
			out = append(out, view.Fact{Label: d.t("leadpage.soldon"), Value: d.v.words.Date(t)})
		}
	}
	if l.Member != "" {
		out = append(out, view.Fact{Label: d.t("leadpage.member"), Value: d.memberName(l.Member)})
	}
	return out
}

// leadOf says whether a conversation has become a lead, and else how it does.
func (d *desk) leadOf(h *view.TalkHead, c inbox.Conversation) error {
	if !d.v.actor.Can(team.LeadsRead) || c.Identity == "" {
		return nil
	}
	l, err := d.rooms.Leads.OfConversation(d.ctx(), d.v.actor, c.ID)
	switch {
	case err == nil:
		h.LeadHref = view.PathLeads + "/" + string(l.ID)
	case fault.KindOf(err) != fault.NotFound:
		return err
	case d.v.actor.Can(team.LeadsManage):
		h.LeadURL = view.PathInbox + "/" + string(c.ID) + "/lead"
	}
	return nil
}

// talkLead makes a lead of who writes in a conversation.
func (w *Web) talkLead(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	l, err := w.rooms.Leads.FromConversation(r.Context(), v.actor, inbox.ConversationID(r.PathValue("id")), lead.NewIn{})
	if err != nil {
		return err
	}
	return w.done(rw, r, view.PathLeads+"/"+string(l.ID), "leadpage.done.added", "name", l.Name)
}

func (w *Web) joinLead(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	err = w.rooms.Leads.Join(r.Context(), d.v.actor, lead.ID(r.PathValue("id")), audience.PersonID(r.PostFormValue("person")))
	return d.leadDone(rw, "", err, "leadpage.done.joined")
}

// ruleNames are what rules call fields and forms.
type ruleNames struct {
	fields map[string]string // by key
	forms  map[string]string // by id
}

func (d *desk) ruleNames() (n ruleNames, err error) {
	n = ruleNames{fields: map[string]string{}, forms: map[string]string{}}
	forms, err := d.rooms.Leads.Forms(d.ctx(), d.v.actor)
	for _, f := range slices.Backward(forms) {
		n.forms[string(f.ID)] = f.Name
		for _, q := range f.Fields {
			n.fields[q.Key] = q.Label
		}
	}
	return n, err
}

// ruleSays says a rule in a sentence.
func (d *desk) ruleSays(r lead.Rule, n ruleNames) string {
	what := d.t("qualitypage.what." + string(r.What))
	if r.What == lead.WhatAnswer {
		if what = n.fields[r.Field]; what == "" {
			what = r.Field
		}
		what = d.t("qualitypage.what.said", "label", what)
	}
	value := r.Value
	switch r.What {
	case lead.WhatForm:
		if n.forms[value] != "" {
			value = n.forms[value]
		}
	case lead.WhatSource:
		if slices.Contains(lead.Sources, lead.Source(value)) {
			value = d.t("leadpage.source." + value)
		}
	case lead.WhatChannel:
		value = d.channelWord(value)
	}
	points := d.v.words.N("qualitypage.points.plus", r.Points)
	if r.Points < 0 {
		points = d.v.words.N("qualitypage.points.minus", -r.Points)
	}
	return d.t("qualitypage.says", "what", what, "how", strings.TrimSpace(d.t("qualitypage.how."+string(r.How), "value", value)), "points", points)
}
