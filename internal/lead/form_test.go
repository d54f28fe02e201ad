package lead_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/team"
)

func TestAFormBringsALeadWithTheTextsThatWereAgreedTo(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		f := b.form(t, nil)
		out := must[lead.Answered](t)(b.send(t, f, lead.Sent{Values: values(), Touch: lead.Touch{Source: "mastodon", Medium: "social", Campaign: "primavera", Link: "faked", Carrier: "idn_faked"}}))
		if out.Outcome != lead.Taken {
			t.Fatalf("%+v", out)
		}
		all := b.all(t)
		if len(all) != 1 {
			t.Fatalf("%d leads", len(all))
		}
		s := must[lead.Sheet](t)(b.Leads.Open(t.Context(), b.owner, all[0].ID))
		if s.Name != "Ada Neri" || s.Email != "ada@example.it" || s.Phone != "055 12 34 56" || s.State != lead.Fresh || s.Source != lead.FromForm || s.Lead.Form != f.ID {
			t.Errorf("%+v", s.Lead)
		}
		said := map[string]string{}
		for _, a := range s.Answers {
			said[a.Key] = strings.Join(a.Values, "|")
		}
		if said["rooms"] != "Bagno|Cucina" || said["pieces"] != "12.5" || said["more"] != "Vorrei piastrelle blu.\nGrazie" {
			t.Errorf("%v", said)
		}
		if s.Last.Channel != "mastodon" || s.Last.Campaign != "primavera" || s.Last.Link != "" || s.Last.Carrier != "" || s.First != s.Last {
			t.Errorf("what nobody can say of themselves was believed: %+v", s.Last)
		}
		if s.Whose.Person.Name != "Ada Neri" {
			t.Errorf("%+v", s.Whose)
		}
		// The exact words stay, whatever becomes of the form.
		changed := append([]lead.Field{}, fields...)
		changed[9].Label = "Ho letto la nuova informativa."
		must[lead.Form](t)(b.Leads.ChangeForm(t.Context(), b.owner, f.ID, lead.FormIn{Name: f.Name, Fields: changed}))
		must[lead.Answered](t)(b.send(t, f, lead.Sent{Values: values("email", "bob@example.it", "name", "Bob", "news", "yes")}))
		for _, want := range []struct {
			name, privacy string
			version       int
			news          bool
		}{{"Ada Neri", "Ho letto l’informativa.", 1, false}, {"Bob", "Ho letto la nuova informativa.", 2, true}} {
			for _, l := range b.all(t) {
				if l.Name != want.name {
					continue
				}
				got := map[string]lead.Agreed{}
				for _, a := range must[lead.Sheet](t)(b.Leads.Open(t.Context(), b.owner, l.ID)).Agreed {
					got[a.Field] = a
				}
				if p := got["privacy"]; p.Body != want.privacy || p.Version != want.version || !p.Given || got["news"].Given != want.news {
					t.Errorf("%s: %+v", want.name, got)
				}
			}
		}
		file := must[lead.FormFile](t)(b.Leads.OpenForm(t.Context(), b.owner, f.ID))
		if len(file.Consents) != 3 || file.Leads != 2 {
			t.Errorf("%+v", file)
		}
	})
}

func TestAllThatIsWrongIsToldTogether(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		f := b.form(t, nil)
		_, err := b.send(t, f, lead.Sent{Values: map[string][]string{
			"email": {"ada at example"}, "phone": {"chiamami"}, "what": {"Un drago"}, "rooms": {"Cantina"}, "pieces": {"NaN"}, "when": {"domani"}, "more": {strings.Repeat("a", 4001)},
		}})
		want := map[string]string{
			"name": "lead.answer.missing", "email": "lead.answer.email", "phone": "lead.answer.phone", "what": "lead.answer.option", "rooms": "lead.answer.option",
			"pieces": "lead.answer.number", "when": "lead.answer.date", "more": "lead.answer.long", "privacy": "lead.answer.consent",
		}
		got := wrongs(err)
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s: %q, want %q", k, got[k], v)
			}
		}
		if len(got) != len(want) || len(b.all(t)) != 0 {
			t.Errorf("%v", got)
		}
		_, err = b.send(t, f, lead.Sent{Values: values("name", "Ada\x00Neri")})
		if wrongs(err)["name"] != "lead.answer.unclean" {
			t.Error(err)
		}
	})
}

func TestAFormMustLeaveAWayToReachPeople(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		for name, tc := range map[string]struct {
			in   lead.FormIn
			want map[string]string
		}{
			"none":     {lead.FormIn{Name: "X", Fields: fields[:1]}, map[string]string{"fields": "lead.form.reach"}},
			"optional": {lead.FormIn{Name: "X", Fields: []lead.Field{{Key: "email", Kind: lead.Email, Label: "E"}}}, map[string]string{"fields": "lead.form.reach"}},
			"twice":    {lead.FormIn{Name: "X", Fields: append(append([]lead.Field{}, fields[1]), fields[1])}, map[string]string{"field1.key": "lead.field.same"}},
			"choice":   {lead.FormIn{Name: "X", Fields: append([]lead.Field{{Key: "c", Kind: lead.Choice, Label: "C", Options: []string{"uno"}}}, fields[1])}, map[string]string{"field0.options": "lead.field.options"}},
			"nameless": {lead.FormIn{Fields: fields}, map[string]string{"name": "lead.form.name"}},
			"letter":   {lead.FormIn{Name: "X", Fields: fields, Settings: lead.FormSettings{Subject: "Ciao"}}, map[string]string{"letter": "lead.form.letter"}},
			"site":     {lead.FormIn{Name: "X", Fields: fields, Settings: lead.FormSettings{Sites: "https://ok.it javascript:alert(1)"}}, map[string]string{"sites": "lead.form.site"}},
		} {
			_, err := b.Leads.CreateForm(t.Context(), b.owner, tc.in)
			got := wrongs(err)
			for k, v := range tc.want {
				if got[k] != v {
					t.Errorf("%s: %v", name, got)
				}
			}
		}
	})
}

// What programs do to forms.
func TestAbuse(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		f := b.form(t, nil)
		t.Run("the trap", func(t *testing.T) {
			out := must[lead.Answered](t)(b.send(t, f, lead.Sent{Values: values(), Trap: "https://spam.example"}))
			if out.Outcome != lead.Taken || len(b.all(t)) != 0 {
				t.Errorf("%+v", out)
			}
		})
		t.Run("a proof twice", func(t *testing.T) {
			s := must[lead.Shown](t)(b.Leads.Show(ctx, f.Code, nil))
			in := lead.Sent{Values: values(), Challenge: s.Challenge, Proof: prove(s.Challenge)}
			must[lead.Answered](t)(b.Leads.Submit(ctx, f.Code, in))
			_, err := b.Leads.Submit(ctx, f.Code, in)
			wants(t, err, fault.Conflict, "lead.proof.used")
			if n := len(b.all(t)); n != 1 {
				t.Errorf("%d leads", n)
			}
		})
		// Whatever is no proof goes the slow way: a letter, and no lead before it is answered.
		slow := func(name string, change func(in *lead.Sent)) {
			t.Run(name, func(t *testing.T) {
				before := len(b.all(t))
				s := must[lead.Shown](t)(b.Leads.Show(ctx, f.Code, nil))
				in := lead.Sent{Values: values("email", strings.ReplaceAll(name, " ", "")+"@example.it"), Challenge: s.Challenge, Proof: prove(s.Challenge)}
				change(&in)
				out := must[lead.Answered](t)(b.Leads.Submit(ctx, f.Code, in))
				if out.Outcome != lead.Mailed || out.Token != "" || len(b.all(t)) != before {
					t.Errorf("%+v", out)
				}
			})
		}
		slow("no proof", func(in *lead.Sent) { in.Proof = "" })
		slow("a wrong proof", func(in *lead.Sent) { in.Proof = "x" })
		slow("a long proof", func(in *lead.Sent) { in.Proof = strings.Repeat("9", 1000) })
		slow("a made up challenge", func(in *lead.Sent) {
			in.Challenge = "zzzzzz.aaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbb"
			in.Proof = prove(in.Challenge)
		})
		other := b.form(t, func(in *lead.FormIn) { in.Name = "Altro" })
		slow("a challenge of another form", func(in *lead.Sent) {
			in.Challenge = must[lead.Shown](t)(b.Leads.Show(ctx, other.Code, nil)).Challenge
			in.Proof = prove(in.Challenge)
		})
		slow("a stale challenge", func(*lead.Sent) { b.Clock.Advance(4 * time.Hour) })
		t.Run("letters to one address", func(t *testing.T) {
			for range 12 {
				out := must[lead.Answered](t)(b.Leads.Submit(ctx, f.Code, lead.Sent{Values: values("email", "victim@example.it")}))
				if out.Outcome != lead.Mailed {
					t.Fatalf("%+v", out)
				}
			}
			got := must[lead.FormFile](t)(b.Leads.OpenForm(ctx, b.owner, f.ID))
			refused := map[lead.Cause]int{}
			for _, r := range got.Refused {
				refused[r.Cause] = r.N
			}
			if refused[lead.Letters] != 9 || refused[lead.Trap] != 1 || refused[lead.Used] != 1 {
				t.Errorf("%v", refused)
			}
		})
		t.Run("a draft and a closed form", func(t *testing.T) {
			d := must[lead.Form](t)(b.Leads.CreateForm(ctx, b.owner, lead.FormIn{Name: "Bozza", Fields: fields}))
			_, err := b.Leads.Submit(ctx, d.Code, lead.Sent{Values: values()})
			wants(t, err, fault.NotFound, "lead.form.gone")
			if _, err := b.Leads.Show(ctx, d.Code, nil); fault.KindOf(err) != fault.NotFound {
				t.Error(err)
			}
			must[lead.Shown](t)(b.Leads.Show(ctx, d.Code, func(c team.CompanyID) bool { return c == b.Company.ID }))
			must[lead.Form](t)(b.Leads.SetForm(ctx, b.owner, other.ID, lead.Closed))
			_, err = b.Leads.Submit(ctx, other.Code, lead.Sent{Values: values()})
			wants(t, err, fault.Conflict, "lead.form.closed")
		})
		t.Run("files by their content", func(t *testing.T) {
			before := len(b.all(t))
			for name, tc := range map[string]struct{ content, want string }{
				"page.png":    {"<html><script>alert(1)</script></html>", "lead.answer.file"},
				"program.pdf": {"MZ\x90\x00\x03", "lead.answer.file"},
				"broken.png":  {"\x89PNG\r\n\x1a\nnothing", "lead.answer.file"},
			} {
				_, err := b.send(t, f, lead.Sent{Values: values(), Files: []lead.SentFile{{Key: "plan", Name: name, Size: int64(len(tc.content)), Body: strings.NewReader(tc.content)}}})
				if got := wrongs(err)["plan"]; got != tc.want {
					t.Errorf("%s: %q, %v", name, got, err)
				}
			}
			_, err := b.send(t, f, lead.Sent{Values: values(), Files: []lead.SentFile{{Key: "plan", Name: "big.pdf", Size: 9 << 20, Body: strings.NewReader("x")}}})
			if wrongs(err)["plan"] != "lead.answer.big" {
				t.Error(err)
			}
			if len(b.all(t)) != before {
				t.Error("a lead came all the same")
			}
			must[lead.Answered](t)(b.send(t, f, lead.Sent{Values: values("email", "file@example.it"), Files: []lead.SentFile{
				{Key: "plan", Name: "../../pianta.pdf", Size: 20, Body: strings.NewReader("%PDF-1.4\n1 0 obj\n<<>>\n")},
				{Key: "elsewhere", Name: "x.pdf", Size: 20, Body: strings.NewReader("%PDF-1.4\n")},
			}}))
			l := b.all(t)[0]
			if a := l.Answers[len(l.Answers)-1]; a.Kind != lead.File || a.File == "" || a.Values[0] != "pianta.pdf" {
				t.Errorf("%+v", l.Answers)
			}
		})
	})
}

func TestWithoutScriptAndWithoutMailAPageConfirms(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		b.box.off = true
		f := b.form(t, nil)
		out := must[lead.Answered](t)(b.Leads.Submit(ctx, f.Code, lead.Sent{Values: values()}))
		if out.Outcome != lead.Waiting || out.Token == "" || len(b.all(t)) != 0 {
			t.Fatalf("%+v", out)
		}
		wants(t, b.Leads.Confirm(ctx, f.Code, out.Token), fault.Limited, "lead.early")
		wants(t, b.Leads.Confirm(ctx, f.Code, "another"), fault.NotFound, "lead.token")
		b.Clock.Advance(11 * time.Second)
		ok(t, b.Leads.Confirm(ctx, f.Code, out.Token))
		wants(t, b.Leads.Confirm(ctx, f.Code, out.Token), fault.NotFound, "lead.token")
		if all := b.all(t); len(all) != 1 || !all[0].ConfirmedAt.IsZero() {
			t.Errorf("%+v", all)
		}
		late := must[lead.Answered](t)(b.Leads.Submit(ctx, f.Code, lead.Sent{Values: values("email", "late@example.it")}))
		b.Clock.Advance(2 * time.Hour)
		wants(t, b.Leads.Confirm(ctx, f.Code, late.Token), fault.NotFound, "lead.token")
		ok(t, b.Leads.Sweep(ctx))
		got := must[lead.FormFile](t)(b.Leads.OpenForm(ctx, b.owner, f.ID))
		if got.Waiting != 0 || len(got.Refused) != 1 || got.Refused[0] != (lead.Refused{Cause: lead.Never, N: 1}) {
			t.Errorf("%+v", got)
		}
	})
}
