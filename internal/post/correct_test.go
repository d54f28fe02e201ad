package post_test

import (
	"slices"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
)

// correct takes a correction to its end, moving the clock through pauses.
func correct(t testing.TB, h *housetest.House, id post.CorrectionID, patience time.Duration) {
	t.Helper()
	for waited := time.Duration(0); ; {
		again := must[time.Duration](t)(h.Posts.Correct(t.Context(), h.Company.ID, id))
		if again == 0 || waited+again > patience {
			return
		}
		waited += again
		h.Clock.Advance(again)
	}
}

func sent(t testing.TB, h *housetest.House, text string) post.Post {
	t.Helper()
	x := now(t, h, draft(t, h, team.Editor, text))
	work(t, h, time.Minute)
	return file(t, h, x.ID).Post
}

// What stands is changed where it stands, in the messages that change and no others; the history keeps what it said.
func TestAnEditAfterwards(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, who := t.Context(), h.Actor(team.Editor)
		x := sent(t, h, long(3))
		before := h.Fake.Standing(housetest.Handle)
		text := long(3)
		text = text[:len(text)-1] + " corretto." // only the last message changes
		h.Fake.Inject(networktest.Fault{Call: networktest.CallEdit, Way: networktest.AcceptThenTimeout}, networktest.Fault{Call: networktest.CallEdit, Way: networktest.TooMany, RetryAfter: time.Minute})
		c := must[post.Correction](t)(h.Posts.EditSent(ctx, who, post.EditIn{Post: x.ID, Version: x.Version, Message: post.Message{Text: text}}))
		if c.State != post.CorrectionWorking || len(c.Targets) != 1 {
			t.Fatalf("%+v", c)
		}
		_, err := h.Posts.EditSent(ctx, who, post.EditIn{Post: x.ID, Version: x.Version + 1, Message: post.Message{Text: words}})
		fails(t, err, fault.Conflict, "post.edit.under")
		correct(t, h, c.ID, time.Hour)
		f := file(t, h, x.ID)
		if len(f.Corrections) != 1 || f.Corrections[0].State != post.CorrectionDone || f.Post.Message.Text != text || f.Post.State != post.Sent {
			t.Fatalf("%+v", f.Corrections)
		}
		after := h.Fake.Standing(housetest.Handle)
		if len(after) != 3 || after[0].Text != before[0].Text || after[1].Version != before[1].Version || after[2].RemoteID != before[2].RemoteID ||
			after[2].Text == before[2].Text {
			t.Fatalf("%+v", after)
		}
		past := must[[]post.Past](t)(h.Posts.History(ctx, who, x.ID))
		if len(past) == 0 || past[0].Written.Message.Text != long(3) {
			t.Fatalf("%+v", past)
		}
		// Other words that make another number of messages are refused, and so are the same words.
		_, err = h.Posts.EditSent(ctx, who, post.EditIn{Post: x.ID, Version: f.Post.Version, Message: post.Message{Text: words}})
		fails(t, err, fault.Invalid, "post.edit.parts")
		_, err = h.Posts.EditSent(ctx, who, post.EditIn{Post: x.ID, Version: f.Post.Version, Message: post.Message{Text: text}})
		fails(t, err, fault.Conflict, "post.edit.same")
	})
}

// Where the company wants a yes before a post goes out it wants one before other words stand there.
func TestAnEditAsksForAYes(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		x := sent(t, h, words)
		wants(t, h, mode(post.ModeOne))
		c := must[post.Correction](t)(h.Posts.EditSent(ctx, h.Actor(team.Marketing), post.EditIn{Post: x.ID, Version: x.Version, Message: post.Message{Text: "Domenica, non sabato."}}))
		if c.State != post.CorrectionPending {
			t.Fatal(c.State)
		}
		correct(t, h, c.ID, time.Hour)
		if got := standing(h); got[0] != words {
			t.Fatal("it was changed without a yes")
		}
		_, err := h.Posts.ApproveCorrection(ctx, h.Actor(team.Marketing), c.ID, c.Hash)
		fails(t, err, fault.Denied, "post.approve.own")
		_, err = h.Posts.ApproveCorrection(ctx, h.Actor(team.Community), c.ID, "x")
		fails(t, err, fault.Conflict, "post.approve.moved")
		if es := must[[]post.Entry](t)(h.Posts.ToApprove(ctx, h.Actor(team.Community))); len(es) != 1 || es[0].Correction == nil {
			t.Fatalf("%+v", es)
		}
		must[post.Correction](t)(h.Posts.ApproveCorrection(ctx, h.Actor(team.Community), c.ID, c.Hash))
		correct(t, h, c.ID, time.Hour)
		if got := standing(h); !slices.Equal(got, []string{"Domenica, non sabato."}) {
			t.Fatalf("%q", got)
		}
		// And a no leaves what stands.
		x = file(t, h, x.ID).Post
		c = must[post.Correction](t)(h.Posts.EditSent(ctx, h.Actor(team.Marketing), post.EditIn{Post: x.ID, Version: x.Version, Message: post.Message{Text: "Lunedì."}}))
		must[post.Correction](t)(h.Posts.SendBackCorrection(ctx, h.Actor(team.Owner), c.ID, "No"))
		correct(t, h, c.ID, time.Hour)
		if got := standing(h); got[0] != "Domenica, non sabato." || file(t, h, x.ID).Corrections[1].State != post.CorrectionBack {
			t.Fatalf("%q", got)
		}
	})
}

// Taken down: the last message first, on every channel, also while everything is paused; what does not get through is shown.
func TestTakenDown(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, who := t.Context(), h.Actor(team.Owner)
		x := sent(t, h, long(3))
		ok(t, h.Posts.Pause(ctx, who, "Un incidente"))
		h.Fake.Inject(networktest.Fault{Call: networktest.CallDelete, Way: networktest.Broken}, networktest.Fault{Call: networktest.CallDelete, Way: networktest.Refuse})
		c := must[post.Correction](t)(h.Posts.TakeDown(ctx, who, x.ID, nil))
		correct(t, h, c.ID, time.Hour)
		f := file(t, h, x.ID)
		if f.Corrections[0].State != post.CorrectionFailed || f.Corrections[0].Trouble.Key != network.ProblemRefused {
			t.Fatalf("%+v", f.Corrections[0])
		}
		ts := must[[]post.Trouble](t)(h.Posts.Troubled(ctx, who))
		if len(ts) != 1 || ts[0].Kind != post.TroubleCorrection || ts[0].Cause.Key != network.ProblemRefused {
			t.Fatalf("%+v", ts)
		}
		ok(t, h.Posts.RetryCorrection(ctx, who, c.ID))
		correct(t, h, c.ID, time.Hour)
		if f := file(t, h, x.ID); len(standing(h)) != 0 || f.Post.State != post.Gone || f.Corrections[0].State != post.CorrectionDone {
			t.Fatalf("%s, %d stand", f.Post.State, len(standing(h)))
		}
		_, err := h.Posts.TakeDown(ctx, who, x.ID, nil)
		fails(t, err, fault.Conflict, "post.edit.state")
	})
}

// A network whose readers would not see an edit is refused when it is named.
func TestAnEditThatNobodyWouldSee(t *testing.T) {
	each(t, housetest.Options{Fake: networktest.FakeOptions{NoEdit: true}}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		x := sent(t, h, words)
		in := post.EditIn{Post: x.ID, Version: x.Version, Message: post.Message{Text: "altro"}, Channels: []network.ChannelID{h.Channel.ID}}
		_, err := h.Posts.EditSent(ctx, h.Actor(team.Owner), in)
		fails(t, err, fault.Invalid, "post.edit.unsupported")
		in.Channels = nil
		_, err = h.Posts.EditSent(ctx, h.Actor(team.Owner), in)
		fails(t, err, fault.Conflict, "post.edit.same")
	})
}
