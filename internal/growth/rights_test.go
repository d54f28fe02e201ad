package growth_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

// Each use case about criticism and cases is done by those who may, and by nobody else.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	h := house(t, storetest.SQLite(t))
	ctx, community := t.Context(), h.Actor(team.Community)
	first := one(t, h, item("1", "ada", "Il piatto è rotto", h.Clock.Now()))
	second := one(t, h, item("2", "ugo", "La tazza è rotto", h.Clock.Now()))
	k := open(t, h, "Piatti", first, second)
	c := criticism(t, h, first)
	// The contributor owns the case: what owners may, they may.
	in := growth.ChangeCaseIn{Title: k.Title, Theme: k.Theme, Owner: h.Members[team.Contributor].ID}
	if err := h.Growth.ChangeCase(ctx, community, k.ID, in); err != nil {
		t.Fatal(err)
	}
	task := must[growth.Task](t)(h.Growth.AddTask(ctx, community, k.ID, "Conta", h.Members[team.Contributor].ID))
	readers := []team.Role{team.Owner, team.Community, team.Marketing, team.Editor, team.Contributor, team.Guest}
	workers := []team.Role{team.Owner, team.Community, team.Editor, team.Contributor}
	teamtest.Matrix(t, h.Bed, []teamtest.Case{
		{Name: "Decide", Needs: team.GrowthManage, Try: func(t *testing.T, a team.Actor) error {
			_, err := h.Growth.Decide(ctx, a, growth.DecideIn{Interaction: second.ID, Criticism: true})
			return err
		}},
		{Name: "Undecided", Needs: team.GrowthRead, Try: func(t *testing.T, a team.Actor) error {
			_, err := h.Growth.Undecided(ctx, a, 1)
			return err
		}},
		{Name: "OfConversation", Needs: team.InboxRead, Try: func(t *testing.T, a team.Actor) error {
			_, err := h.Growth.OfConversation(ctx, a, first.Conversation)
			return err
		}},
		{Name: "SaySame", Needs: team.GrowthRead, Try: func(t *testing.T, a team.Actor) error {
			_, err := h.Growth.SaySame(ctx, a, ids(first))
			return err
		}},
		{Name: "Open", Needs: team.GrowthManage, Try: func(t *testing.T, a team.Actor) error {
			_, err := h.Growth.Open(ctx, a, growth.OpenIn{Title: "x", Interactions: ids(first)})
			return err
		}},
		{Name: "Join", Needs: team.GrowthManage, Try: func(t *testing.T, a team.Actor) error { return h.Growth.Join(ctx, a, k.ID, ids(second)) }},
		{Name: "Part", Needs: team.GrowthManage, Try: func(t *testing.T, a team.Actor) error { return h.Growth.Part(ctx, a, "crt_nothing") }},
		{Name: "Cases", Roles: readers, Try: func(t *testing.T, a team.Actor) error {
			_, err := h.Growth.Cases(ctx, a, growth.CaseFilter{})
			return err
		}},
		{Name: "OpenFile", Roles: readers, Try: func(t *testing.T, a team.Actor) error {
			_, err := h.Growth.OpenFile(ctx, a, k.ID)
			return err
		}},
		{Name: "ChangeCase", Roles: workers, Try: func(t *testing.T, a team.Actor) error { return h.Growth.ChangeCase(ctx, a, k.ID, in) }},
		{Name: "Advance", Roles: workers, Try: func(t *testing.T, a team.Actor) error {
			return h.Growth.Advance(ctx, a, k.ID, growth.AdvanceIn{To: growth.CaseUnderstood, Cause: "Boh"})
		}},
		{Name: "Decline", Needs: team.GrowthPublish, Try: func(t *testing.T, a team.Actor) error { return h.Growth.Decline(ctx, a, k.ID, growth.Words{}) }},
		{Name: "Reopen", Needs: team.GrowthManage, Try: func(t *testing.T, a team.Actor) error { return h.Growth.Reopen(ctx, a, k.ID) }},
		{Name: "AddTask", Roles: workers, Try: func(t *testing.T, a team.Actor) error {
			_, err := h.Growth.AddTask(ctx, a, k.ID, " ", "")
			return err
		}},
		{Name: "FinishTask", Roles: workers, Try: func(t *testing.T, a team.Actor) error { return h.Growth.FinishTask(ctx, a, task.ID, false) }},
		{Name: "AddEvidence", Roles: workers, Try: func(t *testing.T, a team.Actor) error {
			_, err := h.Growth.AddEvidence(ctx, a, k.ID, growth.Evidence{})
			return err
		}},
		{Name: "SetQuote", Needs: team.GrowthManage, Try: func(t *testing.T, a team.Actor) error { return h.Growth.SetQuote(ctx, a, c.ID, false, "") }},
		{Name: "DropTask", Roles: workers, Try: func(t *testing.T, a team.Actor) error {
			return h.Growth.DropTask(ctx, a, must[growth.Task](t)(h.Growth.AddTask(ctx, community, k.ID, "x", "")).ID)
		}},
		{Name: "DropEvidence", Roles: workers, Try: func(t *testing.T, a team.Actor) error {
			e := must[growth.Evidence](t)(h.Growth.AddEvidence(ctx, community, k.ID, growth.Evidence{Kind: growth.EvidenceText, Text: "x"}))
			return h.Growth.DropEvidence(ctx, a, e.ID)
		}},
	})
}

// Who owns a case may work on it in person, and on no other.
func TestOwnersWorkOnTheirOwn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, community, worker := t.Context(), h.Actor(team.Community), h.Actor(team.Contributor)
		theirs := must[growth.Case](t)(h.Growth.Open(ctx, community, growth.OpenIn{
			Title: "Piatti", Interactions: ids(one(t, h, item("1", "ada", "Il piatto è rotto", h.Clock.Now()))), Owner: worker.Member,
		}))
		other := open(t, h, "Tazze", one(t, h, item("2", "ugo", "La tazza è rotto", h.Clock.Now())))
		task := must[growth.Task](t)(h.Growth.AddTask(ctx, community, other.ID, "Conta", ""))
		evidence := must[growth.Evidence](t)(h.Growth.AddEvidence(ctx, community, other.ID, growth.Evidence{Kind: growth.EvidenceText, Text: "x"}))
		try := func(a team.Actor, k growth.CaseID, task growth.TaskID, evidence growth.EvidenceID) []error {
			file, err := h.Growth.OpenFile(ctx, a, k)
			_ = file
			return []error{
				err, h.Growth.Advance(ctx, a, k, growth.AdvanceIn{To: growth.CaseUnderstood, Cause: "x"}), errOf(h.Growth.AddTask(ctx, a, k, "x", "")),
				h.Growth.FinishTask(ctx, a, task, true), h.Growth.DropTask(ctx, a, task),
				errOf(h.Growth.AddEvidence(ctx, a, k, growth.Evidence{Kind: growth.EvidenceText, Text: "x"})), h.Growth.DropEvidence(ctx, a, evidence),
				h.Growth.ChangeCase(ctx, a, k, growth.ChangeCaseIn{Title: "Piatti", Theme: "quality", Owner: worker.Member, Cause: "y"}),
			}
		}
		mine := must[growth.Task](t)(h.Growth.AddTask(ctx, community, theirs.ID, "Conta", ""))
		shown := must[growth.Evidence](t)(h.Growth.AddEvidence(ctx, community, theirs.ID, growth.Evidence{Kind: growth.EvidenceText, Text: "x"}))
		for n, err := range try(worker, theirs.ID, mine.ID, shown.ID) {
			if err != nil {
				t.Errorf("their own, %d: %v", n, err)
			}
		}
		for n, err := range try(worker, other.ID, task.ID, evidence.ID) {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("another, %d: %v", n, err)
			}
		}
		for n, err := range try(h.Token(team.Contributor, team.CompanyRead), theirs.ID, mine.ID, shown.ID) {
			if fault.KindOf(err) != fault.Denied {
				t.Errorf("by a token, %d: %v", n, err)
			}
		}
		for _, err := range []error{
			h.Growth.Decline(ctx, worker, theirs.ID, growth.Words{IT: "No."}), h.Growth.Reopen(ctx, worker, theirs.ID),
			h.Growth.Join(ctx, worker, theirs.ID, []inbox.InteractionID{"int_x"}),
		} {
			if fault.KindOf(err) != fault.Denied {
				t.Error(err)
			}
		}
	})
}

func errOf[T any](_ T, err error) error { return err }

// No use case reaches what belongs to another company, and none says that it is there.
func TestNothingReachesAnotherCompany(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, community := t.Context(), h.Actor(team.Community)
		first := one(t, h, item("1", "ada", "Il piatto è rotto", h.Clock.Now()))
		doubt := one(t, h, item("2", "ugo", "forse anche la tazza", h.Clock.Now()))
		k := open(t, h, "Piatti", first)
		c := criticism(t, h, first)
		task := must[growth.Task](t)(h.Growth.AddTask(ctx, community, k.ID, "Conta", ""))
		evidence := must[growth.Evidence](t)(h.Growth.AddEvidence(ctx, community, k.ID, growth.Evidence{Kind: growth.EvidenceText, Text: "x"}))
		before := strings.Join(rows(t, h), "\n")
		other := h.Other(t)
		stranger := other.Actor(team.Owner)
		for name, err := range map[string]error{
			"decide":        errOf(h.Growth.Decide(ctx, stranger, growth.DecideIn{Interaction: doubt.ID, Criticism: true})),
			"same":          errOf(h.Growth.SaySame(ctx, stranger, ids(first))),
			"open":          errOf(h.Growth.Open(ctx, stranger, growth.OpenIn{Title: "x", Interactions: ids(doubt)})),
			"join":          h.Growth.Join(ctx, stranger, k.ID, ids(doubt)),
			"part":          h.Growth.Part(ctx, stranger, c.ID),
			"file":          errOf(h.Growth.OpenFile(ctx, stranger, k.ID)),
			"change":        h.Growth.ChangeCase(ctx, stranger, k.ID, growth.ChangeCaseIn{Title: "x"}),
			"advance":       h.Growth.Advance(ctx, stranger, k.ID, growth.AdvanceIn{To: growth.CaseUnderstood, Cause: "x"}),
			"decline":       h.Growth.Decline(ctx, stranger, k.ID, growth.Words{IT: "x"}),
			"reopen":        h.Growth.Reopen(ctx, stranger, k.ID),
			"task":          errOf(h.Growth.AddTask(ctx, stranger, k.ID, "x", "")),
			"finish":        h.Growth.FinishTask(ctx, stranger, task.ID, true),
			"drop":          h.Growth.DropTask(ctx, stranger, task.ID),
			"evidence":      errOf(h.Growth.AddEvidence(ctx, stranger, k.ID, growth.Evidence{Kind: growth.EvidenceText, Text: "x"})),
			"drop evidence": h.Growth.DropEvidence(ctx, stranger, evidence.ID),
			"quote":         h.Growth.SetQuote(ctx, stranger, c.ID, true, ""),
			"checkpoint":    errOf(h.Growth.Checkpoint(ctx, other.Company.ID)),
			"key":           errOf(h.Growth.VerifierKey(ctx, other.Company.ID)),
			"tile":          errOf(h.Growth.Tile(ctx, other.Company.ID, 0, 0, 1)),
			"entries":       errOf(h.Growth.Entries(ctx, other.Company.ID, 0, 1)),
			"find":          errOf(h.Growth.Find(ctx, other.Company.ID, first.URL)),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := len(must[[]growth.Voice](t)(h.Growth.Undecided(ctx, stranger, 0))); n != 0 {
			t.Errorf("a stranger decides about %d", n)
		}
		if n := len(must[map[inbox.InteractionID]growth.Criticism](t)(h.Growth.OfConversation(ctx, stranger, first.Conversation))); n != 0 {
			t.Errorf("a stranger sees %d criticisms", n)
		}
		if p := must[growth.CasePage](t)(h.Growth.Cases(ctx, stranger, growth.CaseFilter{})); len(p.Cases) != 0 || len(p.Counts) != 0 {
			t.Errorf("%+v", p)
		}
		if after := strings.Join(rows(t, h), "\n"); after != before {
			t.Error("a stranger changed something")
		}
		// Someone of another company can own nothing here.
		if _, err := h.Growth.Open(ctx, community, growth.OpenIn{Title: "x", Interactions: ids(doubt), Owner: stranger.Member}); key(err) != "growth.case.owner" {
			t.Error(err)
		}
	})
}

// Every use case of this room, those that are still to be written too, does nothing for an actor without a company and a role.
func TestNoUseCaseWorksForNobody(t *testing.T) {
	t.Parallel()
	h := house(t, storetest.SQLite(t))
	actor, fails := reflect.TypeFor[team.Actor](), reflect.TypeFor[error]()
	tried := 0
	v := reflect.ValueOf(h.Growth)
	for i := range v.NumMethod() {
		m, name := v.Method(i).Type(), v.Type().Method(i).Name
		if m.NumIn() < 2 || m.In(1) != actor || m.NumOut() == 0 || m.Out(m.NumOut()-1) != fails {
			continue
		}
		args := []reflect.Value{reflect.ValueOf(context.Context(t.Context()))}
		for a := 1; a < m.NumIn(); a++ {
			args = append(args, reflect.Zero(m.In(a)))
		}
		out := v.Method(i).Call(args)
		tried++
		if out[len(out)-1].IsNil() && name != "MayApprove" { // it says no
			t.Errorf("%s does not refuse", name)
		}
	}
	if tried < 40 {
		t.Fatalf("only %d use cases were found", tried)
	}
}

// When a company goes, all of this room goes with it, and nothing of another's. The record of a sample says what it is.
func TestARemovedCompanyLeavesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		open(t, h, "Piatti", one(t, h, item("1", "ada", "Il piatto è rotto", h.Clock.Now())))
		before := rows(t, h)
		other := h.Other(t)
		owner := other.Actor(team.Owner)
		ch := must[network.Channel](t)(h.Networks.AddSample(ctx, owner, network.AddSampleIn{
			Network: h.Channel.Network, ServerURL: "https://fake.example", Account: network.Account{RemoteID: "vetri", Handle: "vetri"},
		}))
		if _, err := h.Networks.Ingest(ctx, ch, network.Page{Items: []network.Item{item("1", "ugo", "Il vetro è rotto", h.Clock.Now())}, Cursor: "x"}); err != nil {
			t.Fatal(err)
		}
		l := must[inbox.List](t)(h.Inbox.List(ctx, owner, inbox.Filter{View: inbox.ViewAll}))
		th := must[inbox.Thread](t)(h.Inbox.Open(ctx, owner, l.Conversations[0].ID))
		k := must[growth.Case](t)(h.Growth.Open(ctx, owner, growth.OpenIn{Title: "Vetri", Interactions: ids(th.Interactions[0])}))
		must[growth.Task](t)(h.Growth.AddTask(ctx, owner, k.ID, "Conta", ""))
		must[growth.Evidence](t)(h.Growth.AddEvidence(ctx, owner, k.ID, growth.Evidence{Kind: growth.EvidenceText, Text: "x"}))
		if k.Number != 1 || len(rows(t, h)) < len(before)+9 {
			t.Fatalf("%+v", k)
		}
		for c, want := range map[team.CompanyID]string{
			h.Company.ID: "ponte.example/ceramiche-arno+", other.Company.ID: "ponte.example/sample/vetri-lambro+",
		} {
			if v := must[string](t)(h.Growth.VerifierKey(ctx, c)); !strings.HasPrefix(v, want) {
				t.Errorf("%s, want %s", v, want)
			}
		}
		if err := h.Team.RemoveSample(ctx, h.Actor(team.Owner)); err != nil {
			t.Fatal(err)
		}
		if after := rows(t, h); strings.Join(after, "\n") != strings.Join(before, "\n") {
			t.Errorf("%d rows, before %d", len(after), len(before))
		}
	})
}
