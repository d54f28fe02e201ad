package team_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

func TestChangeCompany(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := teamtest.New(t, s)
		owner := b.Actors[team.Owner]
		in := team.ChangeCompanyIn{Name: "Arno", Zone: "America/New_York", Locale: "en", Settings: team.DefaultSettings()}
		in.Settings.Hours[time.Saturday] = []team.Span{{From: 0, To: 600}, {From: 720, To: 1440}}
		in.Settings.Target, in.Settings.InHours, in.Settings.Approval, in.Settings.TwoFactor = 5, true, team.ApprovalAll, true
		changed, err := b.Team.ChangeCompany(ctx, owner, in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.Team.Company(ctx, b.Company.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(changed, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(in.Settings, got.Settings); diff != "" {
			t.Error(diff)
		}
		for name, wrong := range map[string]func(*team.CompanySettings){
			"too soon":         func(s *team.CompanySettings) { s.Target = 4 },
			"too late":         func(s *team.CompanySettings) { s.Target = 30*24*60 + 1 },
			"backwards":        func(s *team.CompanySettings) { s.Hours[1] = []team.Span{{From: 600, To: 600}} },
			"over midnight":    func(s *team.CompanySettings) { s.Hours[1] = []team.Span{{From: 600, To: 1441}} },
			"before midnight":  func(s *team.CompanySettings) { s.Hours[1] = []team.Span{{From: -1, To: 60}} },
			"overlapping":      func(s *team.CompanySettings) { s.Hours[1] = []team.Span{{From: 0, To: 60}, {From: 50, To: 90}} },
			"touching":         func(s *team.CompanySettings) { s.Hours[1] = []team.Span{{From: 0, To: 60}, {From: 60, To: 90}} },
			"never open":       func(s *team.CompanySettings) { s.Hours, s.InHours = team.Hours{}, true },
			"unknown approval": func(s *team.CompanySettings) { s.Approval = "sometimes" },
		} {
			bad := in
			wrong(&bad.Settings)
			if _, err := b.Team.ChangeCompany(ctx, owner, bad); fault.KindOf(err) != fault.Invalid || len(fault.Of(err).Fields) != 1 {
				t.Errorf("%s: %v", name, err)
			}
		}
		if after, err := b.Team.Company(ctx, b.Company.ID); err != nil || !cmp.Equal(after, got) {
			t.Error("a refused change changed something", err)
		}
	})
}

func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := teamtest.New(t, s)
		first := b.Members[team.Owner]
		demote := func(m team.Member) error {
			_, err := b.Team.ChangeMember(ctx, b.Actors[team.Owner], team.ChangeMemberIn{Member: m.ID, Name: m.Name, Role: team.Guest})
			return err
		}
		if err := demote(first); !errors.Is(err, team.ErrLastOwner) {
			t.Fatal(err)
		}
		if err := b.Team.Leave(ctx, b.Actors[team.Owner], team.LeaveIn{Member: first.ID}); !errors.Is(err, team.ErrLastOwner) {
			t.Fatal(err)
		}
		second := b.Add(t, team.Owner, "second@example.it")
		// Both at the same moment, each by another way: one of them stays.
		var wg sync.WaitGroup
		var errs [2]error
		wg.Go(func() { errs[0] = demote(first) })
		wg.Go(func() { errs[1] = b.Team.Leave(ctx, second.Actor(team.ViaScreen), team.LeaveIn{Member: second.ID}) })
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("%v; %v", errs[0], errs[1])
		}
		if err := errors.Join(errs[:]...); !errors.Is(err, team.ErrLastOwner) {
			t.Error(err)
		}
		owners, err := b.Team.Members(ctx, team.System(b.Company.ID), team.MemberFilter{State: team.MemberActive, Role: team.Owner})
		if err != nil || len(owners) != 1 {
			t.Fatal(owners, err)
		}
	})
}

func TestLeavingEndsAndHandsOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := teamtest.New(t, s)
		o := b.Other(t)
		owner, leaver, heir := b.Actors[team.Owner], b.Members[team.Community], b.Members[team.Editor]
		var told []team.MemberID
		boom := errors.New("boom")
		var fail error
		b.Team.OnLeave(func(ctx context.Context, tx *store.Tx, c team.CompanyID, who, next team.MemberID) error {
			if c != b.Company.ID || tx == nil {
				t.Error(c)
			}
			told = append(told, who, next)
			return fail
		})
		for name, in := range map[string]team.LeaveIn{
			"to oneself":         {Member: leaver.ID, Heir: leaver.ID},
			"to another company": {Member: leaver.ID, Heir: o.Members[team.Editor].ID},
		} {
			if err := b.Team.Leave(ctx, owner, in); !errors.Is(err, team.ErrHeir) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := b.Team.Leave(ctx, owner, team.LeaveIn{Member: o.Members[team.Editor].ID}); fault.KindOf(err) != fault.NotFound {
			t.Error("someone of another company:", err)
		}
		fail = boom
		if err := b.Team.Leave(ctx, owner, team.LeaveIn{Member: leaver.ID, Heir: heir.ID}); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if m, err := b.Team.Member(ctx, owner, leaver.ID); err != nil || m.State != team.MemberActive {
			t.Fatal("half left", m, err)
		}
		fail, told = nil, nil
		b.Clock.Advance(time.Hour)
		if err := b.Team.Leave(ctx, owner, team.LeaveIn{Member: leaver.ID, Heir: heir.ID}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]team.MemberID{leaver.ID, heir.ID}, told); diff != "" {
			t.Error(diff)
		}
		m, err := b.Team.Member(ctx, owner, leaver.ID)
		if err != nil || m.State != team.MemberLeft || !m.LeftAt.Equal(teamtest.Start.Add(time.Hour)) {
			t.Error(m, err)
		}
		if _, err := b.Team.MemberByEmail(ctx, leaver.Email); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		if err := b.Team.Leave(ctx, owner, team.LeaveIn{Member: leaver.ID}); !errors.Is(err, team.ErrMemberGone) {
			t.Error(err)
		}
		if err := b.Team.Leave(ctx, owner, team.LeaveIn{Member: heir.ID, Heir: leaver.ID}); !errors.Is(err, team.ErrHeir) {
			t.Error("someone who left inherits:", err)
		}
		// Everybody may go by themselves; who left may be asked back, and is someone new.
		if err := b.Team.Leave(ctx, b.Actors[team.Guest], team.LeaveIn{Member: b.Members[team.Guest].ID}); err != nil {
			t.Error(err)
		}
		if again := b.Add(t, team.Community, leaver.Email); again.ID == leaver.ID {
			t.Error("the same again")
		}
		all, err := b.Team.MembersByID(ctx, b.Company.ID)
		if err != nil || len(all) != 7 || all[leaver.ID].Name != leaver.Name {
			t.Error(len(all), err)
		}
	})
}

func TestPreferences(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := teamtest.New(t, s)
		a := b.Actors[team.Guest]
		if _, err := b.Team.SetOwnPreferences(t.Context(), a, team.Preferences{Locale: "fr", Theme: "pink"}); len(fault.Of(err).Fields) != 2 {
			t.Error(err)
		}
		if _, err := b.Team.SetOwnPreferences(t.Context(), a, team.Preferences{Locale: "en", Theme: "dark"}); err != nil {
			t.Fatal(err)
		}
		m, err := b.Team.Member(t.Context(), a, a.Member)
		if err != nil || m.Locale != "en" || m.Settings != (team.MemberSettings{Theme: "dark"}) {
			t.Error(m, err)
		}
	})
}

func TestAuditTrailPages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := teamtest.New(t, s)
		owner := b.Actors[team.Owner]
		o := b.Other(t)
		if err := s.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			for range 7 {
				b.Clock.Advance(time.Minute)
				if err := b.Team.Audit(ctx, tx, owner, team.Entry{Verb: "test.done", ObjectKind: "thing", ObjectID: "1", Detail: map[string]string{"a": "b"}}); err != nil {
					return err
				}
			}
			return b.Team.Audit(ctx, tx, o.Actors[team.Owner], team.Entry{Verb: "test.done", ObjectKind: "thing", ObjectID: "1"})
		}); err != nil {
			t.Fatal(err)
		}
		f := team.AuditFilter{Verb: "test.done", Limit: 3}
		var sizes []int
		seen := map[string]bool{}
		last := b.Clock.Now().Add(time.Second)
		for {
			p, err := b.Team.AuditTrail(ctx, owner, f)
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, len(p.Entries))
			for _, e := range p.Entries {
				if seen[e.ID] || !e.At.Before(last) || e.Company != b.Company.ID || e.Detail["a"] != "b" || e.Member != owner.Member {
					t.Errorf("%+v", e)
				}
				seen[e.ID], last = true, e.At
			}
			if f.Cursor = p.Next; f.Cursor == "" {
				break
			}
		}
		if diff := cmp.Diff([]int{3, 3, 1}, sizes); diff != "" {
			t.Error(diff)
		}
		for name, f := range map[string]team.AuditFilter{
			"from":   {Verb: "test.done", From: b.Clock.Now()},
			"to":     {Verb: "test.done", To: teamtest.Start.Add(2 * time.Minute)},
			"object": {ObjectKind: "company", ObjectID: string(b.Company.ID)},
		} {
			if p, err := b.Team.AuditTrail(ctx, owner, f); err != nil || len(p.Entries) != 1 {
				t.Error(name, p, err)
			}
		}
		if p, err := b.Team.AuditTrail(ctx, owner, team.AuditFilter{Member: "mbr_none"}); err != nil || len(p.Entries) != 0 {
			t.Error(p, err)
		}
		if _, err := b.Team.AuditTrail(ctx, owner, team.AuditFilter{Cursor: "' OR 1"}); fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
	})
}
