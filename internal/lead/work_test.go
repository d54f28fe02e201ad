package lead_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
	"github.com/ponte-desk/ponte/internal/webhook"
)

var confirmLink = regexp.MustCompile(`/f/([\w-]+)/confirm/([\w-]+)`)

func TestAnAddressIsProvedByALetterAndAnsweredByAnother(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		ok(t, b.Queue.Start(ctx))
		f := b.form(t, func(in *lead.FormIn) {
			in.Settings = lead.FormSettings{Confirm: true, Subject: "Grazie {nome}", Letter: "Ciao {nome}, ti rispondiamo presto."}
		})
		out := must[lead.Answered](t)(b.send(t, f, lead.Sent{Values: values()}))
		if out.Outcome != lead.Mailed || len(b.all(t)) != 0 {
			t.Fatalf("%+v", out)
		}
		until(t, "a letter asks", func() bool { return len(b.box.letters()) == 1 })
		l := b.box.letters()[0]
		m := confirmLink.FindStringSubmatch(l.Text)
		if l.To != "ada@example.it" || m == nil || m[1] != f.Code || strings.Contains(l.Text, "piastrelle") {
			t.Fatalf("%+v", l)
		}
		must2(t)(b.Leads.Asked(ctx, f.Code, m[2])) // looking confirms nothing
		if len(b.all(t)) != 0 {
			t.Fatal("looking made a lead")
		}
		ok(t, b.Leads.Confirm(ctx, f.Code, m[2]))
		all := b.all(t)
		if len(all) != 1 || all[0].ConfirmedAt.IsZero() {
			t.Fatalf("%+v", all)
		}
		until(t, "a letter thanks", func() bool { return len(b.box.letters()) == 2 })
		if l := b.box.letters()[1]; l.Subject != "Grazie Ada Neri" || !strings.Contains(l.Text, "Ciao Ada Neri, ti rispondiamo presto.") || !strings.Contains(l.Text, f.Name) {
			t.Errorf("%+v", l)
		}
	})
}

func must2(t testing.TB) func(lead.Shown, time.Time, error) {
	return func(_ lead.Shown, _ time.Time, err error) {
		t.Helper()
		ok(t, err)
	}
}

func TestALeadGoesItsWay(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		hook, _, err := b.Webhooks.Add(ctx, b.owner, webhook.In{URL: "http://127.0.0.1:9/crm", Events: []webhook.Type{webhook.LeadCreated, webhook.LeadChanged}, On: true})
		ok(t, err)
		l := must[lead.Lead](t)(b.Leads.Add(ctx, b.owner, lead.NewIn{Name: "Bruno Galli", Phone: "+39 347 1234567", Channel: "volantino", Campaign: "fiera", Note: "È passato in negozio"}))
		if l.Email != "" || l.Last.Channel != "volantino" || l.Version != 1 {
			t.Fatalf("%+v", l)
		}
		state := func(s lead.State) *lead.State { return &s }
		_, err = b.Leads.Change(ctx, b.owner, l.ID, lead.ChangeIn{State: state(lead.Lost)})
		if wrongs(err)["reason"] != "lead.reason" {
			t.Error(err)
		}
		lost := must[lead.Lead](t)(b.Leads.Change(ctx, b.owner, l.ID, lead.ChangeIn{State: state(lead.Lost), Reason: "Costa troppo"}))
		if lost.Reason != "Costa troppo" || lost.Version != 2 {
			t.Errorf("%+v", lost)
		}
		_, err = b.Leads.Change(ctx, b.owner, l.ID, lead.ChangeIn{Version: 1, State: state(lead.Fresh)})
		wants(t, err, fault.Conflict, "lead.version")
		cents, cur := int64(125050), "EUR"
		won := must[lead.Lead](t)(b.Leads.Change(ctx, b.owner, l.ID, lead.ChangeIn{State: state(lead.Won), Cents: &cents, Currency: &cur}))
		if won.SoldOn != b.Clock.Now().In(b.Company.Location()).Format(time.DateOnly) || won.Reason != "" {
			t.Errorf("%+v", won)
		}
		negative, none := int64(-1), "euro"
		_, err = b.Leads.Change(ctx, b.owner, l.ID, lead.ChangeIn{Cents: &negative, Currency: &none})
		if w := wrongs(err); w["value"] != "lead.value" || w["currency"] != "lead.currency" {
			t.Error(w)
		}
		s := must[lead.Sheet](t)(b.Leads.Open(ctx, b.owner, l.ID))
		var kinds []string
		for _, e := range s.Events {
			kinds = append(kinds, string(e.Kind))
		}
		if strings.Join(kinds, " ") != "came note state state value" {
			t.Errorf("%v", kinds)
		}
		other := must[lead.Lead](t)(b.Leads.Add(ctx, b.owner, lead.NewIn{Name: "Carla", Email: "carla@example.it", Cents: 5000, Currency: "CHF"}))
		sums := must[[]lead.Sum](t)(b.Leads.Sums(ctx, b.owner, lead.Filter{}))
		if len(sums) != 2 || sums[1] != (lead.Sum{State: lead.Won, Currency: "EUR", N: 1, Valued: 1, Cents: 125050}) || sums[0].Cents != 5000 || sums[0].Currency != "CHF" {
			t.Errorf("%+v", sums)
		}
		for _, q := range []struct {
			f    lead.Filter
			want string
		}{
			{lead.Filter{Query: "gal"}, "Bruno Galli"},
			{lead.Filter{Query: "CARLA@"}, "Carla"},
			{lead.Filter{Channel: "volantino"}, "Bruno Galli"},
			{lead.Filter{States: []lead.State{lead.Fresh}}, "Carla"},
			{lead.Filter{Campaign: "fiera"}, "Bruno Galli"},
			{lead.Filter{Query: "%"}, ""},
		} {
			got := ""
			for _, x := range must[lead.Page](t)(b.Leads.List(ctx, b.owner, q.f)).Leads {
				got += x.Name
			}
			if got != q.want {
				t.Errorf("%+v: %q", q.f, got)
			}
		}
		// Programs hear of it, and not who it is.
		n := 0
		for _, id := range must[[]webhook.MessageID](t)(b.Webhooks.Waiting(ctx)) {
			if id != "" {
				n++
			}
		}
		if n != 4 { // two came, one was changed twice
			t.Errorf("%d messages for %s, %s", n, hook.ID, other.ID)
		}
		// A colleague leaves: the heir has their leads.
		heir, editor := b.Members[team.Marketing].ID, b.Members[team.Community].ID
		must[lead.Lead](t)(b.Leads.Change(ctx, b.owner, other.ID, lead.ChangeIn{Member: &editor}))
		ok(t, b.Team.Leave(ctx, b.owner, team.LeaveIn{Member: editor, Heir: heir}))
		if got := must[lead.Sheet](t)(b.Leads.Open(ctx, b.owner, other.ID)); got.Member != heir {
			t.Error(got.Member)
		}
	})
}

func TestAConversationBecomesALeadOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		must[network.IngestResult](t)(b.Networks.Ingest(ctx, b.Channel, network.Page{Items: []network.Item{{
			RemoteID: "m:1", Version: "1", Kind: network.KindMention, At: b.Clock.Now(), Visibility: network.Public, Text: "Fate anche lavandini?",
			Author: network.Author{RemoteID: "nadia", Handle: "nadia@one.example", Name: "Nadia Orsi"},
		}}}))
		talk := must[inbox.List](t)(b.Inbox.List(ctx, b.owner, inbox.Filter{View: inbox.ViewAll})).Conversations[0]
		l := must[lead.Lead](t)(b.Leads.FromConversation(ctx, b.owner, talk.ID, lead.NewIn{}))
		if l.Name != "Nadia Orsi" || l.Source != lead.FromTalk || l.Last.Channel != string(b.Channel.Network) || l.Identity != talk.Identity {
			t.Errorf("%+v", l)
		}
		again := must[lead.Lead](t)(b.Leads.FromConversation(ctx, b.owner, talk.ID, lead.NewIn{}))
		if again.ID != l.ID || len(b.all(t)) != 1 {
			t.Error("twice")
		}
		// Later she fills in a form with the address that a member wrote down: it is her, and what first brought her stays.
		email := "nadia@example.it"
		must[lead.Lead](t)(b.Leads.Change(ctx, b.owner, l.ID, lead.ChangeIn{Email: &email}))
		b.Clock.Advance(24 * time.Hour)
		must[lead.Answered](t)(b.send(t, b.form(t, nil), lead.Sent{Values: values("name", "N. Orsi", "email", email), Touch: lead.Touch{Source: "volantino"}}))
		f := b.all(t)[0]
		if f.Identity != l.Identity || f.First.Channel != string(b.Channel.Network) || f.Last.Channel != "volantino" {
			t.Errorf("%+v", f)
		}
		// Who has her name alone is offered, never joined by itself.
		must[lead.Lead](t)(b.Leads.Add(ctx, b.owner, lead.NewIn{Name: "nadia orsi", Phone: "055 999 888"}))
		s := must[lead.Sheet](t)(b.Leads.Open(ctx, b.owner, b.all(t)[0].ID))
		if len(s.Whose.Maybe) != 1 || s.Whose.Maybe[0].Why != lead.SameName || s.Whose.Maybe[0].Person.ID == s.Whose.Person.ID {
			t.Fatalf("%+v", s.Whose)
		}
		ok(t, b.Leads.Join(ctx, b.owner, s.ID, s.Whose.Maybe[0].Person.ID))
		if n := len(must[[]lead.Lead](t)(b.Leads.OfPerson(ctx, b.owner, s.Whose.Maybe[0].Person.ID))); n != 3 {
			t.Errorf("%d leads of hers", n)
		}
	})
}

func TestRulesSayWhy(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		rules := []lead.Rule{
			{What: lead.WhatPhone, How: lead.There, Points: 1},
			{What: lead.WhatChannel, How: lead.Is, Value: "Volantino", Points: 2},
			{What: lead.WhatEmail, How: lead.Contains, Value: "gratis", Points: -3},
			{What: lead.WhatAnswer, Field: "pieces", How: lead.AtLeast, Value: "10", Points: 2},
		}
		must[[]lead.Rule](t)(b.Leads.SetRules(ctx, b.owner, rules))
		f := b.form(t, nil)
		must[lead.Answered](t)(b.send(t, f, lead.Sent{Values: values(), Touch: lead.Touch{Source: "volantino"}}))
		must[lead.Answered](t)(b.send(t, f, lead.Sent{Values: values("email", "x@postagratis.it", "phone", "", "pieces", "2", "name", "Zeno")}))
		got := map[string]lead.Sheet{}
		for _, l := range b.all(t) {
			got[l.Name] = must[lead.Sheet](t)(b.Leads.Open(ctx, b.owner, l.ID))
		}
		if a := got["Ada Neri"]; a.Score != 5 || a.Quality != lead.Good || len(a.Reasons) != 3 {
			t.Errorf("%d %s %+v", a.Score, a.Quality, a.Reasons)
		}
		if z := got["Zeno"]; z.Score != -3 || z.Quality != lead.Poor || len(z.Reasons) != 1 {
			t.Errorf("%d %s %+v", z.Score, z.Quality, z.Reasons)
		}
		// Other rules read them again.
		must[[]lead.Rule](t)(b.Leads.SetRules(ctx, b.owner, rules[2:3]))
		ok(t, b.Leads.Judge(ctx, b.Company.ID))
		if p := must[lead.Page](t)(b.Leads.List(ctx, b.owner, lead.Filter{Quality: lead.Fair})); len(p.Leads) != 1 || p.Leads[0].Name != "Ada Neri" {
			t.Errorf("%+v", p)
		}
		_, err := b.Leads.SetRules(ctx, b.owner, []lead.Rule{{What: "moon", How: lead.Is, Value: "full", Points: 9}, {What: lead.WhatChannel, How: lead.Is, Points: 1}})
		w := wrongs(err)
		if w["rule0.what"] == "" || w["rule0.points"] == "" || w["rule1.value"] == "" {
			t.Error(w)
		}
	})
}

// Rules are suggested from the company's own won and lost leads, once there are enough, with the counts; what could be chance is not.
func TestSuggestedRules(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		add := func(n int, channel, campaign string, s lead.State) {
			for range n {
				in := lead.NewIn{Name: "Qualcuno", Email: strings.ToLower(strings.ReplaceAll(b.Clock.Now().Format("150405.000000"), ".", "")) + "@example.it", Channel: channel, Campaign: campaign, State: s}
				must[lead.Lead](t)(b.Leads.Add(ctx, b.owner, in))
				b.Clock.Advance(time.Second)
			}
		}
		add(9, "mastodon", "uno", lead.Won)
		add(9, "radio", "due", lead.Lost)
		out, won, lost, err := b.Leads.Suggest(ctx, b.owner)
		if err != nil || len(out) != 0 || won != 9 || lost != 9 {
			t.Fatalf("%+v %d %d %v", out, won, lost, err)
		}
		add(5, "mastodon", "due", lead.Won)
		add(1, "mastodon", "uno", lead.Lost)
		add(8, "radio", "uno", lead.Lost)
		add(2, "radio", "due", lead.Won)
		out, won, lost, err = b.Leads.Suggest(ctx, b.owner)
		if err != nil || won != 16 || lost != 18 || len(out) != 2 {
			t.Fatalf("%+v %d %d %v", out, won, lost, err)
		}
		for _, l := range out {
			want := lead.Learnt{Won: 14, Of: 15, WonElse: 2, But: 19}
			if l.Rule.Value == "radio" {
				want = lead.Learnt{Won: 2, Of: 19, WonElse: 14, But: 15}
			}
			if want.Rule = l.Rule; l != want || l.Rule.What != lead.WhatChannel || l.Rule.Points > 0 == (l.Rule.Value == "radio") {
				t.Errorf("%+v", l)
			}
		}
		must[[]lead.Rule](t)(b.Leads.SetRules(ctx, b.owner, []lead.Rule{out[0].Rule}))
		if again, _, _, _ := b.Leads.Suggest(ctx, b.owner); len(again) != 1 || again[0].Rule.Value == out[0].Rule.Value {
			t.Errorf("%+v", again)
		}
	})
}

func TestAPersonIsTakenOutAndTheFiguresStay(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		f := b.form(t, nil)
		must[lead.Answered](t)(b.send(t, f, lead.Sent{Values: values(), Touch: lead.Touch{Source: "mastodon"}, Files: []lead.SentFile{{Key: "plan", Name: "p.pdf", Size: 20, Body: strings.NewReader("%PDF-1.4\n1 0 obj")}}}))
		must[lead.Answered](t)(b.Leads.Submit(ctx, f.Code, lead.Sent{Values: values()})) // waits for a letter
		l := b.all(t)[0]
		cents, won := int64(90000), lead.Won
		must[lead.Lead](t)(b.Leads.Change(ctx, b.owner, l.ID, lead.ChangeIn{State: &won, Cents: &cents}))
		ok(t, b.Leads.AddNote(ctx, b.owner, l.ID, "Ada vuole il blu"))
		p := must[lead.Sheet](t)(b.Leads.Open(ctx, b.owner, l.ID)).Whose.Person
		var said strings.Builder
		bundle := must[*audience.Bundle](t)(b.Audience.Export(ctx, b.owner, p.ID))
		ok(t, bundle.WriteJSON(ctx, &said))
		for _, want := range []string{"Vorrei piastrelle blu", "Ho letto l’informativa.", "ada@example.it", "Ada vuole il blu", "900.00 EUR"} {
			if !strings.Contains(said.String(), want) {
				t.Errorf("the export lacks %q", want)
			}
		}
		cert := must[audience.Certificate](t)(b.Audience.Erase(ctx, b.owner, p.ID, audience.EraseIn{Name: p.Name}))
		if cert.Erased[audience.ErasedLeads] != 2 {
			t.Errorf("%+v", cert.Erased)
		}
		s := must[lead.Sheet](t)(b.Leads.Open(ctx, b.owner, l.ID))
		if s.Name+s.Email+s.Phone+string(s.Identity) != "" || len(s.Answers)+len(s.Agreed) != 0 || s.ErasedAt.IsZero() || s.Whose.Person.ID != "" {
			t.Errorf("%+v", s)
		}
		if s.Cents != 90000 || s.State != lead.Won || s.Last.Channel != "mastodon" || s.SoldOn == "" {
			t.Errorf("the figures went too: %+v", s.Lead)
		}
		for _, e := range s.Events {
			if e.Body != "" {
				t.Errorf("%+v", e)
			}
		}
		name := "Ada"
		if _, err := b.Leads.Change(ctx, b.owner, l.ID, lead.ChangeIn{Name: &name}); fault.KindOf(err) != fault.NotFound {
			t.Error("an erased lead was named again")
		}
		if got := must[lead.FormFile](t)(b.Leads.OpenForm(ctx, b.owner, f.ID)); got.Waiting != 0 {
			t.Error("what waited is still there")
		}
	})
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s)
		f := b.form(t, nil)
		l := must[lead.Lead](t)(b.Leads.Add(t.Context(), b.owner, lead.NewIn{Name: "Ada", Email: "ada@example.it"}))
		teamtest.Matrix(t, b.Bed, []teamtest.Case{
			{Name: "List", Needs: team.LeadsRead, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Leads.List(t.Context(), a, lead.Filter{})
				return err
			}},
			{Name: "Open", Needs: team.LeadsRead, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Leads.Open(t.Context(), a, l.ID)
				return err
			}},
			{Name: "Add", Needs: team.LeadsManage, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Leads.Add(t.Context(), a, lead.NewIn{Name: "X", Email: "x@example.it"})
				return err
			}},
			{Name: "Change", Needs: team.LeadsManage, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Leads.Change(t.Context(), a, l.ID, lead.ChangeIn{})
				return err
			}},
			{Name: "AddNote", Needs: team.LeadsManage, Try: func(t *testing.T, a team.Actor) error { return b.Leads.AddNote(t.Context(), a, l.ID, "x") }},
			{Name: "CreateForm", Needs: team.FormsManage, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Leads.CreateForm(t.Context(), a, lead.FormIn{})
				if fault.KindOf(err) == fault.Invalid {
					return nil
				}
				return err
			}},
			{Name: "ChangeForm", Needs: team.FormsManage, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Leads.ChangeForm(t.Context(), a, f.ID, lead.FormIn{Name: "X", Fields: fields})
				return err
			}},
			{Name: "SetForm", Needs: team.FormsManage, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Leads.SetForm(t.Context(), a, f.ID, lead.Live)
				return err
			}},
			{Name: "SetRules", Needs: team.FormsManage, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Leads.SetRules(t.Context(), a, nil)
				return err
			}},
		})
		// Nobody of another company finds anything.
		other := b.Other(t).Actor(team.Owner)
		if _, err := b.Leads.Open(t.Context(), other, l.ID); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		if _, err := b.Leads.OpenForm(t.Context(), other, f.ID); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		if p := must[lead.Page](t)(b.Leads.List(t.Context(), other, lead.Filter{})); len(p.Leads) != 0 {
			t.Error("leads of another company")
		}
	})
}
