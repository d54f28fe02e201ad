package growth_test

import (
	"fmt"
	"image"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// open opens a case from what was said, as the community manager.
func open(t testing.TB, h *housetest.House, title string, is ...inbox.Interaction) growth.Case {
	t.Helper()
	return must[growth.Case](t)(h.Growth.Open(t.Context(), h.Actor(team.Community), growth.OpenIn{Title: title, Interactions: ids(is...)}))
}

func ids(is ...inbox.Interaction) []inbox.InteractionID {
	out := make([]inbox.InteractionID, len(is))
	for n, i := range is {
		out[n] = i.ID
	}
	return out
}

func file(t testing.TB, h *housetest.House, a team.Actor, c growth.CaseID) growth.File {
	t.Helper()
	return must[growth.File](t)(h.Growth.OpenFile(t.Context(), a, c))
}

func diary(f growth.File) string {
	var out []string
	for n := len(f.Diary) - 1; n >= 0; n-- {
		out = append(out, f.Diary[n].Key)
	}
	return strings.Join(out, " ")
}

// A case is opened from what people said, whatever it was taken for; those who said it first come first, in the record as well.
func TestOpenACase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, community := t.Context(), h.Actor(team.Community)
		at := h.Clock.Now().Add(-5 * time.Hour)
		sure := one(t, h, item("1", "ada", "Il piatto è rotto", at.Add(time.Hour)))
		doubt := one(t, h, item("2", "ugo", "forse anche il mio", at))
		plain := one(t, h, item("3", "ada", "Anche la scatola", at.Add(2*time.Hour)))
		dm := item("4", "ida", "A me due tazze", at.Add(3*time.Hour))
		dm.Kind, dm.Visibility, dm.ThreadKey = network.KindMessage, network.Direct, "dm"
		private := one(t, h, dm)
		due := h.Clock.Now().AddDate(0, 0, 10)
		k := must[growth.Case](t)(h.Growth.Open(ctx, community, growth.OpenIn{
			Title: "  Piatti \n rotti ", Interactions: ids(plain, sure, doubt, private, sure), Owner: h.Members[team.Contributor].ID, DueAt: due,
		}))
		want := growth.Case{
			ID: k.ID, Company: h.Company.ID, Number: 1, Handle: k.Handle, Title: "Piatti rotti", Theme: "quality", State: growth.CaseHeard,
			Owner: h.Members[team.Contributor].ID, DueAt: due, OpenedBy: community.Member, OpenedAt: h.Clock.Now(), UpdatedAt: h.Clock.Now(),
			Public: true, Voices: 4, People: 3, FirstAt: at, LastAt: at.Add(3 * time.Hour),
		}
		if diff := cmp.Diff(want, k); diff != "" {
			t.Error(diff)
		}
		ls := leaves(t, h)
		if kinds(ls) != "heard heard heard accepted accepted accepted" {
			t.Fatal(kinds(ls))
		}
		for n, i := range []inbox.Interaction{doubt, sure, plain} { // in the order in which they were written
			c := criticism(t, h, i)
			if ls[3+n].Subject != c.Handle || ls[3+n].Of != k.Handle || c.Case != k.ID || c.State != growth.Counted {
				t.Errorf("%d: %+v", n, c)
			}
		}
		f := file(t, h, community, k.ID)
		if len(f.Voices) != 4 || f.Voices[0].Text != doubt.Text || f.Voices[3].Text != private.Text || diary(f) != "opened owner" {
			t.Errorf("%+v", f)
		}
		// Triage was taught what was no criticism yet.
		th := must[inbox.Thread](t)(h.Inbox.Open(ctx, community, plain.Conversation))
		if v := th.Verdicts[plain.ID]; v.Criticism != "yes" || v.CorrectedBy != community.Member {
			t.Errorf("%+v", v)
		}
		more := one(t, h, item("9", "leo", "un vaso rotto", at))
		before := len(leaves(t, h))
		for name, in := range map[string]growth.OpenIn{
			"growth.case.title":        {Title: " ", Interactions: ids(sure)},
			"growth.case.voices":       {Title: "x"},
			"growth.case.taken":        {Title: "x", Interactions: ids(sure)},
			"growth.case.owner":        {Title: "x", Interactions: ids(more), Owner: "mbr_nobody"},
			"growth.criticism.theme":   {Title: "x", Interactions: ids(sure), Theme: "weather"},
			"growth.criticism.missing": {Title: "x", Interactions: []inbox.InteractionID{"int_nothing"}},
		} {
			if _, err := h.Growth.Open(ctx, community, in); key(err) != name {
				t.Errorf("%s: %v", name, err)
			}
		}
		if len(leaves(t, h)) != before || criticism(t, h, more).Case != "" {
			t.Error("a case that was refused left something")
		}
	})
}

// Others who say the same are found for a case and before one; they join it and leave it again, and a case keeps one.
func TestJoinAndPart(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, community := t.Context(), h.Actor(team.Community)
		at := h.Clock.Now().Add(-5 * time.Hour)
		first := one(t, h, item("1", "ada", "Il piatto grande è arrivato rotto", at))
		k := open(t, h, "Piatti", first)
		second := one(t, h, item("2", "ugo", "Anche il nostro piatto grande arrivato rotto", at.Add(time.Hour)))
		other := one(t, h, item("3", "eva", "Ordine in ritardo", at.Add(time.Hour)))
		f := file(t, h, community, k.ID)
		if len(f.Candidates) != 1 || f.Candidates[0].Interaction != second.ID {
			t.Fatalf("%+v", f.Candidates)
		}
		same := must[growth.Same](t)(h.Growth.SaySame(ctx, community, ids(second)))
		if len(same.Cases) != 1 || same.Cases[0].Case.ID != k.ID || same.Cases[0].Case.Voices != 1 || len(same.Cases[0].Words) == 0 || len(same.Voices) != 0 {
			t.Errorf("%+v", same)
		}
		if same := must[growth.Same](t)(h.Growth.SaySame(ctx, community, ids(other))); len(same.Cases) != 0 {
			t.Errorf("%+v", same)
		}
		for range 2 { // the second time changes nothing
			if err := h.Growth.Join(ctx, community, k.ID, ids(second)); err != nil {
				t.Fatal(err)
			}
		}
		f = file(t, h, community, k.ID)
		if f.Case.Voices != 2 || f.Case.People != 2 || len(f.Candidates) != 0 || diary(f) != "opened joined" {
			t.Errorf("%+v", f)
		}
		k2 := open(t, h, "Ritardi", other)
		if k2.Number != 2 {
			t.Error(k2.Number)
		}
		if err := h.Growth.Join(ctx, community, k2.ID, ids(second)); key(err) != "growth.case.taken" {
			t.Error(err)
		}
		if err := h.Growth.Join(ctx, community, "cas_01j0000000000000000000000x", ids(second)); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		c := criticism(t, h, second)
		if err := h.Growth.Part(ctx, community, c.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.Part(ctx, community, c.ID); key(err) != "growth.criticism.nocase" {
			t.Error(err)
		}
		if err := h.Growth.Part(ctx, community, criticism(t, h, first).ID); key(err) != "growth.case.last" {
			t.Error(err)
		}
		if err := h.Growth.Join(ctx, community, k2.ID, ids(second)); err != nil {
			t.Error(err)
		}
		if ls := leaves(t, h); kinds(ls) != "heard accepted heard heard accepted accepted parted accepted" || ls[6].Of != k.Handle || ls[7].Of != k2.Handle {
			t.Error(kinds(ls))
		}
		// Who says the same after a case was closed still joins it.
		if err := h.Growth.Decline(ctx, community, k2.ID, growth.Words{IT: "Non possiamo."}); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.Join(ctx, community, k2.ID, ids(one(t, h, item("4", "leo", "In ritardo anche a me", at)))); err != nil {
			t.Error(err)
		}
	})
}

// A case moves on when what it wants is there, back by hand, and is closed and taken up again; the diary and the record tell.
func TestACaseMovesOn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, community := t.Context(), h.Actor(team.Community)
		first := one(t, h, item("1", "ada", "Il piatto è rotto", h.Clock.Now().Add(-48*time.Hour)))
		k := open(t, h, "Piatti", first)
		to := func(in growth.AdvanceIn) string { t.Helper(); return key(h.Growth.Advance(ctx, community, k.ID, in)) }
		for _, step := range []struct {
			in   growth.AdvanceIn
			want string
		}{
			{growth.AdvanceIn{To: "gone"}, "growth.case.to"},
			{growth.AdvanceIn{To: growth.CaseDeclined}, "growth.case.to"},
			{growth.AdvanceIn{To: growth.CaseUnderstood}, "growth.case.cause"},
			{growth.AdvanceIn{To: growth.CaseUnderstood, Cause: "Il corriere lancia le scatole."}, ""},
			{growth.AdvanceIn{To: growth.CaseChanging}, "growth.case.plan"},
			{growth.AdvanceIn{To: growth.CaseChanging, Plan: strings.Repeat("x", 4001)}, "growth.case.long"},
			{growth.AdvanceIn{To: growth.CaseChanging, Plan: "Scatole più spesse."}, ""},
			{growth.AdvanceIn{To: growth.CaseHeard}, ""},
			{growth.AdvanceIn{To: growth.CaseChanging}, ""},
			{growth.AdvanceIn{To: growth.CaseChanged}, "growth.case.did"},
			{growth.AdvanceIn{To: growth.CaseChanged, Did: growth.Words{IT: "Fatto."}, Since: h.Clock.Now().Add(time.Minute)}, "growth.case.since"},
			{growth.AdvanceIn{To: growth.CaseChanged, Did: growth.Words{IT: "Fatto."}, Since: first.At.Add(-time.Minute)}, "growth.case.since"},
			{growth.AdvanceIn{To: growth.CaseChanged, Did: growth.Words{IT: "Abbiamo cambiato scatola."}, Since: h.Clock.Now().Add(-time.Hour)}, ""},
			{growth.AdvanceIn{To: growth.CaseChanging}, "growth.case.closed"},
		} {
			if got := to(step.in); got != step.want {
				t.Errorf("%+v: %q, want %q", step.in, got, step.want)
			}
		}
		f := file(t, h, community, k.ID)
		if f.Case.State != growth.CaseChanged || !f.Case.ChangedAt.Equal(h.Clock.Now().Add(-time.Hour)) || f.Case.Cause == "" || f.Improvement == nil {
			t.Errorf("%+v", f.Case)
		}
		if got := diary(f); !strings.HasPrefix(got, "opened understood changing back changing ") || !strings.Contains(got, "changed") {
			t.Error(got)
		}
		if err := h.Growth.Decline(ctx, community, k.ID, growth.Words{IT: "No."}); key(err) != "growth.case.closed" {
			t.Error(err)
		}
		if err := h.Growth.Reopen(ctx, community, k.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.Reopen(ctx, community, k.ID); key(err) != "growth.case.open" {
			t.Error(err)
		}
		if c := file(t, h, community, k.ID).Case; c.State != growth.CaseChanging || !c.ChangedAt.IsZero() {
			t.Errorf("%+v", c)
		}
		if err := h.Growth.Decline(ctx, community, k.ID, growth.Words{IT: " ", EN: "\n"}); key(err) != "growth.case.reason" {
			t.Error(err)
		}
		why := growth.Words{IT: "Costa troppo.", EN: "It costs too much."}
		for range 2 {
			if err := h.Growth.Decline(ctx, community, k.ID, why); err != nil {
				t.Fatal(err)
			}
			if c := file(t, h, community, k.ID).Case; c.State != growth.CaseDeclined || c.Decline != why || c.DeclinedAt.IsZero() {
				t.Errorf("%+v", c)
			}
			if err := h.Growth.Reopen(ctx, community, k.ID); err != nil {
				t.Fatal(err)
			}
		}
		if c := file(t, h, community, k.ID).Case; !c.DeclinedAt.IsZero() || !c.Decline.Empty() {
			t.Errorf("%+v", c)
		}
		if ls := leaves(t, h); kinds(ls) != "heard accepted declined reopened declined reopened" || ls[2].Subject != k.Handle || ls[2].Commit == nil {
			t.Error(kinds(ls))
		}
	})
}

// What is known of a case is changed as a whole: the owner writes cause and plan, who manages all of it.
func TestChangeACase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, community := t.Context(), h.Actor(team.Community)
		k := open(t, h, "Piatti", one(t, h, item("1", "ada", "Il piatto è rotto", h.Clock.Now())))
		in := growth.ChangeCaseIn{Title: "Piatti rotti", Theme: "delivery", Cause: "Boh", Owner: h.Members[team.Contributor].ID, DueAt: h.Clock.Now().AddDate(0, 0, 3)}
		if err := h.Growth.ChangeCase(ctx, community, k.ID, in); err != nil {
			t.Fatal(err)
		}
		owner := h.Actor(team.Contributor)
		in.Cause, in.Plan = "Lo sappiamo", "Carta più spessa"
		if err := h.Growth.ChangeCase(ctx, owner, k.ID, in); err != nil {
			t.Fatal(err)
		}
		f := file(t, h, owner, k.ID)
		if f.Case.Title != in.Title || f.Case.Theme != in.Theme || f.Case.Cause != in.Cause || f.Case.Plan != in.Plan || !f.Case.DueAt.Equal(in.DueAt) {
			t.Errorf("%+v", f.Case)
		}
		if got := diary(f); got != "opened renamed cause owner due cause plan" {
			t.Error(got)
		}
		for what, change := range map[string]func(*growth.ChangeCaseIn){
			"title": func(in *growth.ChangeCaseIn) { in.Title = "Altro" },
			"theme": func(in *growth.ChangeCaseIn) { in.Theme = "price" },
			"owner": func(in *growth.ChangeCaseIn) { in.Owner = "" },
			"due":   func(in *growth.ChangeCaseIn) { in.DueAt = time.Time{} },
		} {
			other := in
			change(&other)
			if err := h.Growth.ChangeCase(ctx, owner, k.ID, other); fault.KindOf(err) != fault.Denied {
				t.Errorf("%s: %v", what, err)
			}
			if err := h.Growth.ChangeCase(ctx, community, k.ID, other); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			if err := h.Growth.ChangeCase(ctx, community, k.ID, in); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := h.Growth.Advance(ctx, owner, k.ID, growth.AdvanceIn{To: growth.CaseChanging}); err != nil {
			t.Fatal(err)
		}
		in.Plan = " "
		if err := h.Growth.ChangeCase(ctx, owner, k.ID, in); key(err) != "growth.case.plan" {
			t.Error(err)
		}
	})
}

// Tasks and evidence belong to a case; who has a task sees the case and finishes it, no more.
func TestTasksAndEvidence(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, community := t.Context(), h.Actor(team.Community)
		k := open(t, h, "Piatti", one(t, h, item("1", "ada", "Il piatto è rotto", h.Clock.Now())))
		worker := h.Actor(team.Contributor)
		if _, err := h.Growth.OpenFile(ctx, worker, k.ID); key(err) != "growth.case.missing" {
			t.Error(err)
		}
		mine := must[growth.Task](t)(h.Growth.AddTask(ctx, community, k.ID, " Chiedi al \n corriere ", worker.Member))
		open := must[growth.Task](t)(h.Growth.AddTask(ctx, community, k.ID, "Conta le scatole", ""))
		if mine.Text != "Chiedi al corriere" || mine.Owner != worker.Member {
			t.Errorf("%+v", mine)
		}
		if err := h.Growth.FinishTask(ctx, worker, mine.ID, true); err != nil {
			t.Fatal(err)
		}
		if err := h.Growth.FinishTask(ctx, worker, open.ID, true); fault.KindOf(err) != fault.Denied {
			t.Error(err)
		}
		if err := h.Growth.DropTask(ctx, worker, mine.ID); fault.KindOf(err) != fault.Denied {
			t.Error(err)
		}
		f := file(t, h, worker, k.ID)
		if f.Case.Tasks != 2 || f.Case.TasksOpen != 1 || f.Tasks[0].DoneBy != worker.Member || !f.Tasks[0].DoneAt.Equal(h.Clock.Now()) {
			t.Errorf("%+v", f)
		}
		for range 2 {
			if err := h.Growth.FinishTask(ctx, community, mine.ID, false); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.Growth.DropTask(ctx, community, open.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Growth.AddTask(ctx, community, k.ID, " ", ""); key(err) != "growth.case.task.text" {
			t.Error(err)
		}
		if _, err := h.Growth.AddTask(ctx, community, k.ID, "x", "mbr_nobody"); key(err) != "growth.case.owner" {
			t.Error(err)
		}
		if err := h.Growth.DropTask(ctx, community, open.ID); key(err) != "growth.case.task.missing" {
			t.Error(err)
		}

		picture := upload(t, h, h.Company.ID)
		for _, e := range []growth.Evidence{
			{Kind: growth.EvidenceText, Text: "Due scatole su tre arrivano ammaccate.", URL: "https://x.example"},
			{Kind: growth.EvidenceLink, Text: "Il listino", URL: "https://corriere.example/listino?a=1"},
			{Kind: growth.EvidencePicture, Text: "Una scatola ammaccata", Media: picture},
			{Kind: growth.EvidenceFigure, Text: "tazze rotte", Value: "6", OutOf: "214 tazze"},
		} {
			got := must[growth.Evidence](t)(h.Growth.AddEvidence(ctx, community, k.ID, e))
			if got.ID == "" || got.Member != community.Member || e.Kind == growth.EvidenceText && got.URL != "" {
				t.Errorf("%+v", got)
			}
		}
		for want, e := range map[string]growth.Evidence{
			"growth.case.evidence.kind":    {Kind: "song", Text: "la"},
			"growth.case.evidence.text":    {Kind: growth.EvidenceText},
			"growth.case.evidence.figure":  {Kind: growth.EvidenceFigure, Text: "tazze"},
			"growth.case.evidence.picture": {Kind: growth.EvidencePicture, Text: "x"},
			"media.gone":                   {Kind: growth.EvidencePicture, Text: "x", Media: upload(t, h, h.Other(t).Company.ID)},
		} {
			if _, err := h.Growth.AddEvidence(ctx, community, k.ID, e); key(err) != want {
				t.Errorf("%s: %v", want, err)
			}
		}
		for _, address := range []string{"http://x.example", "javascript:alert(1)", "https://", "https://a:b@x.example", "x.example", "https://x.example/" + strings.Repeat("a", 2000)} {
			if _, err := h.Growth.AddEvidence(ctx, community, k.ID, growth.Evidence{Kind: growth.EvidenceLink, Text: "x", URL: address}); key(err) != "growth.case.evidence.link" {
				t.Errorf("%s: %v", address, err)
			}
		}
		f = file(t, h, community, k.ID)
		if len(f.Evidence) != 4 || f.Evidence[3].OutOf != "214 tazze" || len(f.Tasks) != 1 {
			t.Errorf("%+v", f)
		}
		// The picture outlives the sweep of files that nobody needs.
		h.Clock.Advance(100 * 24 * time.Hour)
		must[media.Swept](t)(h.Media.Sweep(ctx, time.Hour))
		c := must[media.Content](t)(h.Media.Open(ctx, string(h.Company.ID), media.ID(picture), media.Whole))
		if n, err := io.Copy(io.Discard, c); n == 0 || err != nil {
			t.Error(n, err)
		}
		_ = c.Close()
		if err := h.Growth.DropEvidence(ctx, community, f.Evidence[0].ID); err != nil {
			t.Error(err)
		}
		if err := h.Growth.DropEvidence(ctx, community, f.Evidence[0].ID); key(err) != "growth.case.evidence.missing" {
			t.Error(err)
		}
		if got := diary(file(t, h, community, k.ID)); got != "opened task_for task task_done task_open task_dropped evidence_text evidence_link evidence_picture evidence_figure evidence_dropped" {
			t.Error(got)
		}
	})
}

func upload(t testing.TB, h *housetest.House, c team.CompanyID) string {
	t.Helper()
	r, w := io.Pipe()
	go func() { _ = w.CloseWithError(png.Encode(w, image.NewGray(image.Rect(0, 0, 4, 4)))) }()
	return string(must[media.File](t)(h.Media.Add(t.Context(), media.Incoming{Company: string(c), Name: "x.png", Body: r})).ID)
}

// What is quoted stands in what was said; edits take a quotation away that no longer does.
func TestQuotes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, community := t.Context(), h.Actor(team.Community)
		it := item("1", "ada", "Il piatto è rotto,\n e il bordo è scheggiato", h.Clock.Now())
		i := one(t, h, it)
		c := criticism(t, h, i)
		if err := h.Growth.SetQuote(ctx, community, c.ID, true, "rotto"); key(err) != "growth.criticism.nocase" {
			t.Error(err)
		}
		k := open(t, h, "Piatti", i)
		if err := h.Growth.SetQuote(ctx, community, c.ID, false, "il bordo era scheggiato"); key(err) != "growth.case.quote.part" {
			t.Error(err)
		}
		if err := h.Growth.SetQuote(ctx, community, c.ID, true, "è rotto, e il bordo"); err != nil {
			t.Fatal(err)
		}
		v := file(t, h, community, k.ID).Voices[0]
		if !v.Named || v.Quote != "è rotto, e il bordo" {
			t.Errorf("%+v", v)
		}
		it.Text, it.Version = "Il piatto è rotto", "2"
		take(t, h, it)
		if v := file(t, h, community, k.ID).Voices[0]; v.Quote != "" || !v.Named {
			t.Errorf("%+v", v)
		}
		take(t, h, network.Item{RemoteID: "1", Deleted: true, At: it.At, Version: "3"})
		if err := h.Growth.SetQuote(ctx, community, c.ID, true, ""); key(err) != "growth.case.quote.gone" {
			t.Error(err)
		}
		if v := file(t, h, community, k.ID).Voices[0]; v.Text != "" || v.State != growth.Counted {
			t.Errorf("%+v", v)
		}
	})
}

// The list gives open cases by their date, then those without one, then closed ones, newest first; contributors see their own.
func TestCases(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, community, contributor := t.Context(), h.Actor(team.Community), h.Actor(team.Contributor)
		now := h.Clock.Now()
		make := func(n int, owner team.MemberID, due time.Time) growth.Case {
			t.Helper()
			h.Clock.Advance(time.Minute)
			i := one(t, h, item(fmt.Sprint(n), "ada", fmt.Sprintf("%d: rotto", n), now))
			return must[growth.Case](t)(h.Growth.Open(ctx, community, growth.OpenIn{Title: fmt.Sprint(n), Interactions: ids(i), Owner: owner, DueAt: due}))
		}
		late := make(1, contributor.Member, now.Add(30*time.Second))
		make(2, "", now.AddDate(0, 0, 9))
		dateless := make(3, "", time.Time{})
		soon := make(4, community.Member, now.AddDate(0, 0, 2))
		for n := 5; n < 9; n++ {
			k := make(n, "", time.Time{})
			h.Clock.Advance(time.Minute)
			if err := h.Growth.Decline(ctx, community, k.ID, growth.Words{EN: "No."}); err != nil {
				t.Fatal(err)
			}
		}
		must[growth.Task](t)(h.Growth.AddTask(ctx, community, dateless.ID, "Conta", contributor.Member))
		list := func(a team.Actor, f growth.CaseFilter) string {
			t.Helper()
			var out []string
			for pages := 0; ; pages++ {
				p := must[growth.CasePage](t)(h.Growth.Cases(ctx, a, f))
				for _, k := range p.Cases {
					out = append(out, k.Title)
				}
				if p.Next == "" {
					return strings.Join(out, " ")
				}
				if f.Cursor = p.Next; pages > 10 {
					t.Fatal("the list does not end")
				}
			}
		}
		for _, limit := range []int{0, 1, 3, 100} {
			if got := list(community, growth.CaseFilter{Limit: limit}); got != "1 4 2 3 8 7 6 5" {
				t.Errorf("limit %d: %s", limit, got)
			}
		}
		for want, f := range map[string]growth.CaseFilter{
			"4":       {Owner: community.Member},
			"8 7 6 5": {States: []growth.CaseState{growth.CaseDeclined}},
			"1":       {Late: true},
			"":        {Theme: "price"},
		} {
			if got := list(community, f); got != want {
				t.Errorf("%+v: %s", f, got)
			}
		}
		if got := list(contributor, growth.CaseFilter{Limit: 1}); got != "1 3" {
			t.Error(got)
		}
		counts := must[growth.CasePage](t)(h.Growth.Cases(ctx, contributor, growth.CaseFilter{Late: true})).Counts
		if diff := cmp.Diff(map[growth.CaseState]int{growth.CaseHeard: 2}, counts); diff != "" {
			t.Error(diff)
		}
		counts = must[growth.CasePage](t)(h.Growth.Cases(ctx, community, growth.CaseFilter{Limit: 1})).Counts
		if diff := cmp.Diff(map[growth.CaseState]int{growth.CaseHeard: 4, growth.CaseDeclined: 4}, counts); diff != "" {
			t.Error(diff)
		}
		if _, err := h.Growth.Cases(ctx, community, growth.CaseFilter{Cursor: "nonsense"}); key(err) != "store.cursor" {
			t.Error(err)
		}
		if _, err := h.Growth.OpenFile(ctx, contributor, soon.ID); key(err) != "growth.case.missing" {
			t.Error(err)
		}
		if !late.Late(h.Clock.Now()) || soon.Late(h.Clock.Now()) || dateless.Late(h.Clock.Now()) {
			t.Error("late")
		}
		// A colleague who leaves hands on what is theirs.
		if err := h.Team.Leave(ctx, h.Actor(team.Owner), team.LeaveIn{Member: contributor.Member, Heir: h.Members[team.Editor].ID}); err != nil {
			t.Fatal(err)
		}
		f := file(t, h, community, dateless.ID)
		if f.Tasks[0].Owner != h.Members[team.Editor].ID || file(t, h, community, late.ID).Case.Owner != h.Members[team.Editor].ID {
			t.Errorf("%+v", f)
		}
		if got := diary(file(t, h, community, late.ID)); got != "opened owner owner" {
			t.Error(got)
		}
		if _, err := h.Growth.Open(ctx, community, growth.OpenIn{Title: "x", Interactions: ids(one(t, h, item("20", "ada", "rotto", now))), Owner: contributor.Member}); key(err) != "growth.case.owner" {
			t.Error(err)
		}
	})
}

// Weeks begin on Monday in the company's zone, eight of them before the first criticism, and count people, not messages.
func TestWeeks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		rome := h.Company.Location()
		day := func(month time.Month, d, hour int) time.Time { return time.Date(2026, month, d, hour, 0, 0, 0, rome) }
		h.Clock.Set(day(time.April, 8, 12)) // a Wednesday, after the change to summer time on 29 March
		is := []inbox.Interaction{
			one(t, h, item("1", "ada", "rotto 1", day(time.March, 23, 0))), // Monday at midnight: still Sunday in UTC
			one(t, h, item("2", "ada", "rotto 2", day(time.March, 27, 9))),
			one(t, h, item("3", "ugo", "rotto 3", day(time.March, 29, 23))), // Sunday night
			one(t, h, item("4", "ada", "rotto 4", day(time.March, 30, 0))),
			one(t, h, item("5", "eva", "rotto 5", day(time.April, 8, 9))),
		}
		f := file(t, h, h.Actor(team.Community), open(t, h, "Rotti", is...).ID)
		if len(f.Weeks) != 8+3 || !f.Weeks[0].Start.Equal(day(time.January, 26, 0)) {
			t.Fatalf("%+v", f.Weeks)
		}
		for n, w := range f.Weeks {
			want := map[int]int{8: 2, 9: 1, 10: 1}[n]
			if local := w.Start.In(rome); w.People != want || local.Weekday() != time.Monday || local.Hour() != 0 {
				t.Errorf("week %d of %s: %d, want %d", n, w.Start, w.People, want)
			}
		}
		h.Clock.Set(day(time.April, 8, 12).AddDate(3, 0, 0))
		if f := file(t, h, h.Actor(team.Community), f.Case.ID); len(f.Weeks) != 53 || f.Weeks[52].Start.After(h.Clock.Now()) {
			t.Errorf("%d weeks", len(f.Weeks))
		}
	})
}
