package post_test

import (
	"bytes"
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

// errOf drops what comes with an error.
func errOf[T any](_ T, err error) error { return err }

// Each use case is done by those who may, and by nobody else.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	h := housetest.New(t, storetest.SQLite(t), housetest.Options{})
	ctx := t.Context()
	x := draft(t, h, team.Editor, words)
	g, token := invite(t, h, team.Editor, x.ID)
	if token == "" {
		t.Fatal("no token")
	}
	ch := []network.ChannelID{h.Channel.ID}
	in := post.Message{Text: words}
	settings := must[post.Settings](t)(h.Posts.Settings(ctx, h.Actor(team.Owner)))
	type try = func(t *testing.T, a team.Actor) error
	one := func(f func(team.Actor) error) try { return func(_ *testing.T, a team.Actor) error { return f(a) } }
	cases := []teamtest.Case{
		{Name: "Create", Needs: team.PostsWrite, Try: one(func(a team.Actor) error {
			return errOf(h.Posts.Create(ctx, a, post.CreateIn{Message: in, Channels: ch}))
		})},
		{Name: "SaveDraft", Needs: team.PostsWrite, Try: one(func(a team.Actor) error {
			return errOf(h.Posts.SaveDraft(ctx, a, post.SaveIn{Post: x.ID, Version: 1, Message: in, Channels: ch}))
		})},
		{Name: "Follow", Needs: team.PostsWrite, Try: one(func(a team.Actor) error { return errOf(h.Posts.Follow(ctx, a, x.ID, h.Channel.ID)) })},
		{Name: "Preview", Needs: team.PostsWrite, Try: one(func(a team.Actor) error {
			return errOf(h.Posts.Preview(ctx, a, post.PreviewIn{Message: in, Channels: ch}))
		})},
		{Name: "Copy", Needs: team.PostsWrite, Try: one(func(a team.Actor) error { return errOf(h.Posts.Copy(ctx, a, x.ID, nil)) })},
		{Name: "Share", Needs: team.PostsWrite, Try: one(func(a team.Actor) error { return h.Posts.Share(ctx, a, x.ID, nil) })},
		{Name: "Confirm", Needs: team.PostsWrite, Try: one(func(a team.Actor) error { return h.Posts.Confirm(ctx, a, x.ID, nil) })},
		{Name: "Restore", Needs: team.PostsWrite, Try: one(func(a team.Actor) error { return errOf(h.Posts.Restore(ctx, a, x.ID, "ppa_none", 1)) })},
		{Name: "Touch", Needs: team.PostsWrite, Try: one(func(a team.Actor) error { return errOf(h.Posts.Touch(ctx, a, x.ID)) })},
		{Name: "Ask", Needs: team.PostsWrite, Try: one(func(a team.Actor) error { return errOf(h.Posts.Ask(ctx, a, x.ID, post.AskIn{Version: 99})) })},
		{Name: "WithdrawAsk", Needs: team.PostsWrite, Try: one(func(a team.Actor) error { return errOf(h.Posts.WithdrawAsk(ctx, a, x.ID)) })},
		{Name: "Delete", Needs: team.PostsWrite, Try: one(func(a team.Actor) error { return h.Posts.Delete(ctx, a, "pst_none") })},
		{Name: "ImportCSV", Needs: team.PostsWrite, Try: one(func(a team.Actor) error {
			return errOf(h.Posts.ImportCSV(ctx, a, strings.NewReader("text\nciao\n"), post.ImportIn{Dry: true}))
		})},
		{Name: "Open", Needs: team.PostsRead, Try: one(func(a team.Actor) error { return errOf(h.Posts.Open(ctx, a, x.ID)) })},
		{Name: "History", Needs: team.PostsRead, Try: one(func(a team.Actor) error { return errOf(h.Posts.History(ctx, a, x.ID)) })},
		{Name: "Comment", Needs: team.PostsRead, Try: one(func(a team.Actor) error { return errOf(h.Posts.Comment(ctx, a, x.ID, "Bello")) })},
		{Name: "Counts", Needs: team.PostsRead, Try: one(func(a team.Actor) error { return errOf(h.Posts.Counts(ctx, a)) })},
		{Name: "Troubled", Needs: team.PostsRead, Try: one(func(a team.Actor) error { return errOf(h.Posts.Troubled(ctx, a)) })},
		{Name: "Yeses", Needs: team.PostsRead, Try: one(func(a team.Actor) error { return errOf(h.Posts.Yeses(ctx, a, h.Clock.Now())) })},
		{Name: "Settings", Needs: team.PostsRead, Try: one(func(a team.Actor) error { return errOf(h.Posts.Settings(ctx, a)) })},
		{Name: "Paused", Needs: team.PostsRead, Try: one(func(a team.Actor) error { return errOf(h.Posts.Paused(ctx, a)) })},
		{Name: "Snippets", Needs: team.PostsRead, Try: one(func(a team.Actor) error { return errOf(h.Posts.Snippets(ctx, a, "")) })},
		{Name: "SeriesOf", Needs: team.PostsRead, Try: one(func(a team.Actor) error { return errOf(h.Posts.SeriesOf(ctx, a, "pse_none")) })},
		{Name: "FreeSlots", Needs: team.PostsRead, Try: one(func(a team.Actor) error { return errOf(h.Posts.FreeSlots(ctx, a, h.Channel.ID, 1)) })},
		{Name: "Clock", Needs: team.PostsRead, Try: one(func(a team.Actor) error { return errOf(h.Posts.Clock(ctx, a, wallOf(t, "2026-03-29T02:30"))) })},
		{Name: "BestHours", Needs: team.PostsRead, Try: one(func(a team.Actor) error { return errOf(h.Posts.BestHours(ctx, a, "")) })},
		{Name: "List", Roles: team.Roles, Try: one(func(a team.Actor) error { return errOf(h.Posts.List(ctx, a, post.Filter{})) })},
		{Name: "Calendar", Roles: team.Roles, Try: one(func(a team.Actor) error {
			return errOf(h.Posts.Calendar(ctx, a, h.Clock.Now(), h.Clock.Now().Add(time.Hour)))
		})},
		{Name: "ExportCSV", Roles: team.Roles, Try: one(func(a team.Actor) error {
			return h.Posts.ExportCSV(ctx, a, post.Filter{}, post.TableFor{}, &bytes.Buffer{})
		})},
		{Name: "ToApprove", Roles: team.Roles, Try: one(func(a team.Actor) error { return errOf(h.Posts.ToApprove(ctx, a)) })},
		{Name: "Library", Needs: team.PostsWrite, Try: one(func(a team.Actor) error { return errOf(h.Posts.Library(ctx, a, "")) })},
		{Name: "Approve", Needs: team.PostsApprove, Try: one(func(a team.Actor) error { return errOf(h.Posts.Approve(ctx, a, x.ID, "x")) })},
		{Name: "SendBack", Needs: team.PostsApprove, Try: one(func(a team.Actor) error { return errOf(h.Posts.SendBack(ctx, a, x.ID, "no")) })},
		{Name: "ApproveCorrection", Needs: team.PostsApprove, Try: one(func(a team.Actor) error { return errOf(h.Posts.ApproveCorrection(ctx, a, "pco_none", "x")) })},
		{Name: "SendBackCorrection", Needs: team.PostsApprove, Try: one(func(a team.Actor) error { return errOf(h.Posts.SendBackCorrection(ctx, a, "pco_none", "no")) })},
		{Name: "Schedule", Needs: team.PostsPublish, Try: one(func(a team.Actor) error { return errOf(h.Posts.Schedule(ctx, a, x.ID, post.ScheduleIn{Version: 99})) })},
		{Name: "Move", Needs: team.PostsPublish, Try: one(func(a team.Actor) error { return errOf(h.Posts.Move(ctx, a, x.ID, schedule.Wall{}, false)) })},
		{Name: "Cancel", Needs: team.PostsPublish, Try: one(func(a team.Actor) error { return errOf(h.Posts.Cancel(ctx, a, x.ID)) })},
		{Name: "Release", Needs: team.PostsPublish, Try: one(func(a team.Actor) error { return errOf(h.Posts.Release(ctx, a, x.ID)) })},
		{Name: "Pause", Needs: team.PostsPublish, Try: one(func(a team.Actor) error { return h.Posts.Pause(ctx, a, "") })},
		{Name: "Resume", Needs: team.PostsPublish, Try: one(func(a team.Actor) error { return h.Posts.Resume(ctx, a) })},
		{Name: "EndSeries", Needs: team.PostsPublish, Try: one(func(a team.Actor) error { return h.Posts.EndSeries(ctx, a, "pse_none") })},
		{Name: "InviteGuest", Needs: team.PostsPublish, Try: one(func(a team.Actor) error {
			_, _, err := h.Posts.InviteGuest(ctx, a, x.ID, post.GuestIn{})
			return err
		})},
		{Name: "WithdrawGuest", Needs: team.PostsPublish, Try: one(func(a team.Actor) error { return h.Posts.WithdrawGuest(ctx, a, g.ID) })},
		{Name: "Retry", Needs: team.PostsPublish, Try: one(func(a team.Actor) error { return h.Posts.Retry(ctx, a, "ppt_none") })},
		{Name: "SendAgain", Needs: team.PostsPublish, Try: one(func(a team.Actor) error { return h.Posts.SendAgain(ctx, a, "ppt_none") })},
		{Name: "GiveUp", Needs: team.PostsPublish, Try: one(func(a team.Actor) error { return h.Posts.GiveUp(ctx, a, "ppt_none") })},
		{Name: "EditSent", Needs: team.PostsPublish, Try: one(func(a team.Actor) error { return errOf(h.Posts.EditSent(ctx, a, post.EditIn{Post: x.ID})) })},
		{Name: "TakeDown", Needs: team.PostsPublish, Try: one(func(a team.Actor) error { return errOf(h.Posts.TakeDown(ctx, a, x.ID, nil)) })},
		// Of a company that is no sample it is refused to everybody.
		{Name: "Stage", Roles: []team.Role{}, Try: one(func(a team.Actor) error { return h.Posts.Stage(ctx, a, post.Staged{Post: x.ID}) })},
		{Name: "RetryCorrection", Needs: team.PostsPublish, Try: one(func(a team.Actor) error { return h.Posts.RetryCorrection(ctx, a, "pco_none") })},
		{Name: "ChangeSettings", Needs: team.PostsManage, Try: one(func(a team.Actor) error { return h.Posts.ChangeSettings(ctx, a, settings) })},
		{Name: "SaveSnippet", Needs: team.PostsManage, Try: one(func(a team.Actor) error { return errOf(h.Posts.SaveSnippet(ctx, a, post.Snippet{})) })},
		{Name: "DeleteSnippet", Needs: team.PostsManage, Try: one(func(a team.Actor) error { return h.Posts.DeleteSnippet(ctx, a, "psn_none") })},
	}
	teamtest.Matrix(t, h.Bed, cases)
	// Every use case with an actor is in the matrix.
	// DeleteComment is one's own, or with PostsManage: tried below. Stage is for the sample company alone.
	tried := map[string]bool{"DeleteComment": true, "Stage": true}
	for _, c := range cases {
		tried[c.Name] = true
	}
	v, actor := reflect.TypeOf(h.Posts), reflect.TypeFor[team.Actor]()
	for i := range v.NumMethod() {
		if m := v.Method(i); m.Type.NumIn() > 2 && m.Type.In(2) == actor && !tried[m.Name] {
			t.Errorf("%s is not tried", m.Name)
		}
	}
}

// Nobody in no company may anything.
func TestNoUseCaseWorksForNobody(t *testing.T) {
	t.Parallel()
	h := housetest.New(t, storetest.SQLite(t), housetest.Options{})
	actor, fail := reflect.TypeFor[team.Actor](), reflect.TypeFor[error]()
	v, tried := reflect.ValueOf(h.Posts), 0
	for i := range v.NumMethod() {
		m, name := v.Method(i).Type(), v.Type().Method(i).Name
		if m.NumIn() < 2 || m.In(1) != actor || m.NumOut() == 0 || m.Out(m.NumOut()-1) != fail {
			continue
		}
		args := []reflect.Value{reflect.ValueOf(context.Context(t.Context()))}
		for a := 1; a < m.NumIn(); a++ {
			args = append(args, reflect.Zero(m.In(a)))
		}
		out := v.Method(i).Call(args)
		err, _ := out[len(out)-1].Interface().(error)
		if tried++; fault.KindOf(err) != fault.Denied {
			t.Errorf("%s gives %v", name, err)
		}
	}
	if tried < 45 {
		t.Fatalf("only %d use cases were found", tried)
	}
}

// A member who may not see posts sees, comments on and changes what is shared with them, and nothing else.
func TestWhatIsShared(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, me := t.Context(), h.Actor(team.Contributor)
		x, other := draft(t, h, team.Editor, "condiviso"), draft(t, h, team.Editor, "segreto")
		ok(t, h.Posts.Share(ctx, h.Actor(team.Editor), x.ID, []team.MemberID{me.Member}))
		l := must[post.List](t)(h.Posts.List(ctx, me, post.Filter{}))
		if len(l.Entries) != 1 || l.Entries[0].Post.ID != x.ID {
			t.Fatalf("%+v", l.Entries)
		}
		var b bytes.Buffer
		ok(t, h.Posts.ExportCSV(ctx, me, post.Filter{}, post.TableFor{}, &b))
		if strings.Contains(b.String(), "segreto") || !strings.Contains(b.String(), "condiviso") {
			t.Fatal(b.String())
		}
		must[post.File](t)(h.Posts.Open(ctx, me, x.ID))
		c := must[post.Comment](t)(h.Posts.Comment(ctx, me, x.ID, "Io direi diverso"))
		must[post.Post](t)(h.Posts.SaveDraft(ctx, me, post.SaveIn{Post: x.ID, Version: x.Version, Message: post.Message{Text: "mio"}, Channels: []network.ChannelID{h.Channel.ID}}))
		_, err := h.Posts.Open(ctx, me, other.ID)
		fails(t, err, fault.Denied, "team.denied")
		_, err = h.Posts.Schedule(ctx, me, x.ID, post.ScheduleIn{Version: x.Version + 1, When: post.When{Kind: post.Now}})
		fails(t, err, fault.Denied, "team.denied")
		fails(t, h.Posts.DeleteComment(ctx, h.Actor(team.Editor), c.ID), fault.Denied, "team.denied")
		ok(t, h.Posts.DeleteComment(ctx, me, c.ID))
		c = must[post.Comment](t)(h.Posts.Comment(ctx, me, x.ID, "Ancora"))
		ok(t, h.Posts.DeleteComment(ctx, h.Actor(team.Owner), c.ID))
		ok(t, h.Posts.Share(ctx, h.Actor(team.Editor), x.ID, nil))
		_, err = h.Posts.Open(ctx, me, x.ID)
		fails(t, err, fault.Denied, "team.denied")
	})
}

// Nothing reaches another company.
func TestNothingReachesAnotherCompany(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		wants(t, h, mode(post.ModeOne))
		x := ask(t, h, words)
		g, _ := invite(t, h, team.Marketing, x.ID)
		s := must[post.Snippet](t)(h.Posts.SaveSnippet(ctx, owner, post.Snippet{Kind: post.Signature, Name: "Firma", Message: post.Message{Text: "Ceramiche Arno"}}))
		c := must[post.Comment](t)(h.Posts.Comment(ctx, owner, x.ID, "ciao"))
		other := h.Other(t)
		stranger := other.Actor(team.Owner)
		for name, err := range map[string]error{
			"open":      errOf(h.Posts.Open(ctx, stranger, x.ID)),
			"save":      errOf(h.Posts.SaveDraft(ctx, stranger, post.SaveIn{Post: x.ID, Version: x.Version, Message: post.Message{Text: "x"}})),
			"approve":   errOf(h.Posts.Approve(ctx, stranger, x.ID, x.Hash)),
			"back":      errOf(h.Posts.SendBack(ctx, stranger, x.ID, "no")),
			"cancel":    errOf(h.Posts.Cancel(ctx, stranger, x.ID)),
			"copy":      errOf(h.Posts.Copy(ctx, stranger, x.ID, nil)),
			"delete":    h.Posts.Delete(ctx, stranger, x.ID),
			"guest":     h.Posts.WithdrawGuest(ctx, stranger, g.ID),
			"snippet":   h.Posts.DeleteSnippet(ctx, stranger, s.ID),
			"uncomment": h.Posts.DeleteComment(ctx, stranger, c.ID),
			"comment":   errOf(h.Posts.Comment(ctx, stranger, x.ID, "x")),
			"touch":     errOf(h.Posts.Touch(ctx, stranger, x.ID)),
			"takedown":  errOf(h.Posts.TakeDown(ctx, stranger, x.ID, nil)),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		if past := must[[]post.Past](t)(h.Posts.History(ctx, stranger, x.ID)); len(past) != 0 {
			t.Error("history")
		}
		if l := must[post.List](t)(h.Posts.List(ctx, stranger, post.Filter{})); len(l.Entries) != 0 {
			t.Error("list")
		}
		if es := must[[]post.Entry](t)(h.Posts.ToApprove(ctx, stranger)); len(es) != 0 {
			t.Error("to approve")
		}
		if s := must[[]post.Snippet](t)(h.Posts.Snippets(ctx, stranger, "")); len(s) != 0 {
			t.Error("snippets")
		}
		ok(t, h.Posts.Pause(ctx, stranger, "loro"))
		if s := must[*post.Stop](t)(h.Posts.Paused(ctx, owner)); s != nil {
			t.Error("paused by strangers")
		}
		if f := file(t, h, x.ID); f.Post.State != post.Pending {
			t.Error(f.Post.State)
		}
		// The other company goes away with everything it has here, and takes nothing of ours along.
		must[post.Post](t)(h.Posts.Create(ctx, stranger, post.CreateIn{Message: post.Message{Text: "loro"}}))
		before := teamtest.Rows(t, h.Store, h.Company.ID)
		ok(t, h.Team.RemoveSample(ctx, owner))
		for table, n := range teamtest.Rows(t, h.Store, other.Company.ID) {
			t.Errorf("%d rows are left in %s", n, table)
		}
		after := teamtest.Rows(t, h.Store, h.Company.ID)
		for table, n := range before {
			if table != "audit" && after[table] != n {
				t.Errorf("%s: %d rows, %d before", table, after[table], n)
			}
		}
	})
}
