package linkback_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
)

func entry(does, target, words string) string {
	return `<div class="h-entry"><a class="` + does + `" href="` + target + `">vasi</a> <a class="p-author h-card" href="https://ada.example/">Ada Neri</a> <div class="e-content">` + words + `</div></div>`
}

func TestAMentionBecomesAnInteraction(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, b *bed) {
		for i, c := range []struct {
			does string
			kind network.ItemKind
			as   mention.Kind
			text string
		}{
			{"u-in-reply-to", network.KindReply, mention.Reply, "Belli!"},
			{"u-like-of", network.KindLike, mention.Like, ""},
			{"u-repost-of", network.KindShare, mention.Repost, ""},
			{"u-bookmark-of", network.KindMention, mention.Bookmark, "Belli!"},
			{"u-url-of", network.KindMention, mention.Plain, "Belli!"},
		} {
			at := fmt.Sprintf("https://ada.example/%d", i)
			b.web.html(at, entry(c.does, vases, "Belli!"))
			m := b.tell(at, vases, mention.Webmention)
			if _, there := b.interaction(m); there || m.State != linkback.Waiting {
				t.Fatalf("%s: believed before it was read: %+v", c.does, m)
			}
			m = b.check(m)
			got, _ := b.interaction(m)
			if m.State != linkback.Taken || m.Kind != c.as || got.Kind != c.kind || got.Text != c.text || got.URL != at || got.Mine || got.ParentID == "" {
				t.Errorf("%s: %+v, %+v", c.does, m, got)
			}
		}
		list, err := b.Inbox.List(t.Context(), b.Actor(team.Owner), inbox.Filter{View: inbox.ViewAll, Limit: 10})
		if err != nil || len(list.Conversations) != 3 {
			t.Errorf("%d conversations, %v", len(list.Conversations), err)
		}
		w := b.wall(vases)
		if len(w.Shown) != 5 || w.Shown[0].Author != "Ada Neri" || w.Shown[0].AuthorURL != "https://ada.example/" || w.Counts[mention.Like] != 1 {
			t.Errorf("%+v", w)
		}
		if other := b.wall(site + "/altro"); len(other.Shown) != 0 {
			t.Errorf("%+v", other)
		}
	})
}

func TestWhatIsRefusedAtTheDoor(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, b *bed) {
		if _, err := b.Linkbacks.BlockHost(t.Context(), b.Actor(team.Owner), "https://www.spam.example/x"); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			channel        network.ChannelID
			source, target string
			want           error
		}{
			"no such site":       {"chn_01J0000000000000000000000", source, vases, linkback.ErrNoSite},
			"another site":       {b.Channel.ID, source, "https://other.example/vasi", linkback.ErrTarget},
			"no target":          {b.Channel.ID, source, "", linkback.ErrTarget},
			"no source":          {b.Channel.ID, "", vases, mention.ErrAddress},
			"a source of files":  {b.Channel.ID, "file:///etc/passwd", vases, mention.ErrAddress},
			"itself":             {b.Channel.ID, vases + "#a", vases, mention.ErrSame},
			"blocked":            {b.Channel.ID, "https://spam.example/a", vases, linkback.ErrBlocked},
			"blocked from above": {b.Channel.ID, "https://a.b.spam.example/a", vases, linkback.ErrBlocked},
		} {
			_, err := b.Linkbacks.Tell(t.Context(), linkback.ToldIn{Channel: c.channel, Source: c.source, Target: c.target, Protocol: mention.Webmention})
			if !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := b.Linkbacks.UnblockHost(t.Context(), b.Actor(team.Owner), "spam.example"); err != nil {
			t.Fatal(err)
		}
		b.tell("https://spam.example/a", vases, mention.Webmention)
		if _, err := b.Networks.Pause(t.Context(), b.Actor(team.Owner), b.Channel.ID); err != nil {
			t.Fatal(err)
		}
		_, err := b.Linkbacks.Tell(t.Context(), linkback.ToldIn{Channel: b.Channel.ID, Source: source, Target: vases, Protocol: mention.Webmention})
		if !errors.Is(err, linkback.ErrPaused) {
			t.Errorf("paused: %v", err)
		}
	})
}

func TestWhatTheSourceSays(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, b *bed) {
		page := func(s string) func() { return func() { b.web.html(source, s) } }
		for name, c := range map[string]struct {
			source, target string
			make           func()
			problem        string
		}{
			"no link":         {source, vases, page(`<p>` + vases + `</p>`), linkback.ProblemNoLink},
			"a comment":       {source, vases, page(`<!-- <a href="` + vases + `">x</a> -->`), linkback.ProblemNoLink},
			"not there":       {source, vases, func() { b.web.status(source, 404) }, linkback.ProblemNoSource},
			"gone":            {source, vases, func() { b.web.status(source, 410) }, linkback.ProblemNoSource},
			"forbidden":       {source, vases, func() { b.web.status(source, 403) }, linkback.ProblemUnreachable},
			"always failing":  {source, vases, func() { b.web.status(source, 503) }, linkback.ProblemUnreachable},
			"no such target":  {source, site + "/niente", page(`<a href="` + site + `/niente">x</a>`), linkback.ProblemNoTarget},
			"inside":          {"https://inside.example/a", vases, func() { b.web.down["inside.example"] = &fetch.InsideError{Host: "inside.example"} }, linkback.ProblemInside},
			"nobody answers":  {"https://down.example/a", vases, func() { b.web.down["down.example"] = errDown }, linkback.ProblemUnreachable},
			"sent to and fro": {"https://loop.example/a", vases, func() { b.web.down["loop.example"] = fetch.ErrRedirects }, linkback.ProblemUnreachable},
		} {
			b.Clock.Advance(time.Hour)
			c.make()
			m := b.check(b.tell(c.source, c.target, mention.Webmention))
			if _, there := b.interaction(m); m.State != linkback.Refused || m.Problem != c.problem || there || fault.KindOf(m.Err()) != fault.Invalid {
				t.Errorf("%s: %+v", name, m)
			}
		}
	})
}

// TestUpdatesAndDeletions are the specification's updates and deletions (3.2.3, 3.2.4), with a source that fails for a while.
func TestUpdatesAndDeletions(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, b *bed) {
		b.web.html(source, entry("u-in-reply-to", vases, "Belli!"))
		m := b.check(b.tell(source, vases, mention.Webmention))
		first, _ := b.interaction(m)

		b.Clock.Advance(time.Hour)
		b.web.html(source, entry("u-in-reply-to", vases, "Belli, ma cari."))
		m = b.check(b.tell(source, vases, mention.Webmention))
		got, _ := b.interaction(m)
		if got.ID != first.ID || got.Text != "Belli, ma cari." || m.State != linkback.Taken {
			t.Errorf("edited: %+v", got)
		}

		b.Clock.Advance(time.Hour)
		b.web.status(source, 503)
		m = b.check(b.tell(source, vases, mention.Webmention))
		if got, _ = b.interaction(m); m.State != linkback.Taken || !got.DeletedAt.IsZero() {
			t.Errorf("what cannot be read for a while is gone: %+v", m)
		}

		b.Clock.Advance(time.Hour)
		b.web.html(source, "<p>niente più</p>")
		m = b.check(b.tell(source, vases, mention.Webmention))
		if got, _ = b.interaction(m); m.State != linkback.Gone || m.Problem != linkback.ProblemNoLink || got.DeletedAt.IsZero() || len(b.wall(vases).Shown) != 0 {
			t.Errorf("link taken out: %+v, %+v", m, got)
		}

		b.Clock.Advance(time.Hour)
		b.web.html(source, entry("u-in-reply-to", vases, "Di nuovo."))
		m = b.check(b.tell(source, vases, mention.Webmention))
		if got, _ = b.interaction(m); m.State != linkback.Taken || !got.DeletedAt.IsZero() || got.Text != "Di nuovo." {
			t.Errorf("back again: %+v, %+v", m, got)
		}

		b.Clock.Advance(time.Hour)
		b.web.status(source, 410)
		m = b.check(b.tell(source, vases, mention.Webmention))
		if got, _ = b.interaction(m); m.State != linkback.Gone || got.DeletedAt.IsZero() {
			t.Errorf("deleted: %+v, %+v", m, got)
		}
	})
}

func TestDuplicatesAreOne(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, b *bed) {
		b.web.html(source, entry("u-in-reply-to", vases, "Belli!"))
		first := b.tell(source, vases, mention.Webmention)
		for _, again := range []linkback.Mention{
			b.tell(source, vases, mention.Pingback), b.tell(source+"#x", vases, mention.Webmention), b.tell("http://Ada.example:80/note/1", "http://www.arno.example/vasi", mention.TrackBack),
		} {
			if b.check(again); again.ID != first.ID && again.Target == first.Target {
				t.Errorf("%+v", again)
			}
		}
		b.check(first)
		l, err := b.Linkbacks.Mentions(t.Context(), b.Actor(team.Owner), linkback.Filter{Target: vases})
		if err != nil || len(l.Mentions) != 1 {
			t.Errorf("%+v, %v", l, err)
		}
	})
}

func TestNobodyIsFlooded(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, b *bed) {
		b.web.html(source, entry("u-in-reply-to", vases, "Belli!"))
		var busy error
		told := 0
		for i := range 100 {
			_, err := b.Linkbacks.Tell(t.Context(), linkback.ToldIn{Channel: b.Channel.ID, Source: fmt.Sprintf("https://victim.example/%d", i), Target: vases, Protocol: mention.Pingback})
			if err != nil {
				busy = err
				break
			}
			told++
		}
		if !errors.Is(busy, linkback.ErrBusy) || told != 60 || fault.Of(busy).RetryAfter == 0 {
			t.Errorf("%d told, then %v", told, busy)
		}
		b.tell(source, vases, mention.Webmention) // another host has room
		// One host is asked only so often, whoever asked for it.
		l, err := b.Linkbacks.Mentions(t.Context(), b.Actor(team.Owner), linkback.Filter{Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range l.Mentions {
			if _, err := b.Linkbacks.Check(t.Context(), m.Company, m.ID); err != nil {
				t.Fatal(err)
			}
		}
		asked := 0
		for _, a := range b.web.asked {
			if strings.HasPrefix(a, "GET https://victim.example/") {
				asked++
			}
		}
		if asked != 1 {
			t.Errorf("one host was asked %d times at once", asked)
		}
	})
}

func TestHidingWithAReason(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, b *bed) {
		ctx, owner := t.Context(), b.Actor(team.Owner)
		b.web.html(source, entry("u-in-reply-to", vases, "I vasi erano rotti."))
		m := b.check(b.tell(source, vases, mention.Webmention))
		i, _ := b.interaction(m)
		yes := true
		if err := b.Inbox.Correct(ctx, owner, i.ID, verdict.Correction{Criticism: &yes}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Linkbacks.Hide(ctx, owner, m.ID, linkback.Other); !errors.Is(err, linkback.ErrCriticism) {
			t.Errorf("criticism was hidden: %v", err)
		}
		if _, err := b.Linkbacks.Hide(ctx, owner, m.ID, "ugly"); fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
		if _, err := b.Linkbacks.Hide(ctx, b.Actor(team.Guest), m.ID, linkback.Spam); fault.KindOf(err) != fault.Denied {
			t.Error(err)
		}
		if _, err := b.Linkbacks.Hide(ctx, owner, m.ID, linkback.Insult); err != nil {
			t.Fatal(err)
		}
		if w := b.wall(vases); len(w.Shown) != 0 || w.Hidden[linkback.Insult] != 1 {
			t.Errorf("%+v", w)
		}
		if got, _ := b.interaction(m); !got.DeletedAt.IsZero() {
			t.Error("the conversation went with it")
		}
		if _, err := b.Linkbacks.Hide(ctx, owner, m.ID, ""); err != nil || len(b.wall(vases).Shown) != 1 {
			t.Error(err)
		}
		if _, err := b.Linkbacks.BlockHost(ctx, owner, "ada.example"); err != nil {
			t.Fatal(err)
		}
		if w := b.wall(vases); len(w.Shown) != 0 || w.Hidden[linkback.Spam] != 1 {
			t.Errorf("%+v", w)
		}
	})
}

func TestAnErasedPersonIsNotTakenInAgain(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, b *bed) {
		ctx, owner := t.Context(), b.Actor(team.Owner)
		b.web.html(source, entry("u-in-reply-to", vases, "Belli!"))
		m := b.check(b.tell(source, vases, mention.Webmention))
		got, _ := b.interaction(m)
		b.publish("1", article, link("https://ada.example/chi")+link(carla), false)
		thread, err := b.Inbox.Open(ctx, owner, got.Conversation)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Audience.Erase(ctx, owner, thread.Person(), audience.EraseIn{Name: "Ada Neri"}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Linkbacks.Status(ctx, m.Channel, m.ID); !errors.Is(err, linkback.ErrNoMention) {
			t.Errorf("it is still there: %v", err)
		}
		sent := b.send()
		if _, there := sent["https://ada.example/chi"]; there || len(sent) != 1 {
			t.Errorf("that we link her page is still there: %+v", sent)
		}
		b.Clock.Advance(time.Hour)
		again := b.tell(source, vases, mention.Webmention)
		settled, err := b.Linkbacks.Settle(ctx, again, time.Second)
		if _, there := b.interaction(again); err != nil || there || settled.State != linkback.Refused {
			t.Errorf("%+v, %v", settled, err)
		}
		if _, err := b.Linkbacks.Status(ctx, again.Channel, again.ID); !errors.Is(err, linkback.ErrNoMention) {
			t.Errorf("something of it stays: %v", err)
		}
	})
}

func TestSettleDoesNotKeepAnybodyWaiting(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, b *bed) {
		b.web.put(source, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		m := b.tell(source, vases, mention.Pingback)
		got, err := b.Linkbacks.Settle(t.Context(), m, 20*time.Millisecond)
		if err != nil || got.State != linkback.Waiting {
			t.Errorf("%+v, %v", got, err)
		}
		b.web.html(source, entry("u-in-reply-to", vases, "Belli!"))
		if got = b.check(got); got.State != linkback.Taken {
			t.Errorf("%+v", got)
		}
	})
}
