package journey_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/bluesky/blueskytest"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// One message, made for each medium: written once, planned on an hour that the clocks jump over, approved on a phone, stopped and let go on,
// and standing exactly once on four channels, of which one takes the message and hangs up.
func TestOneMessageForEachMedium(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { oneMessage(t, "") })
	t.Run("postgres", func(t *testing.T) { oneMessage(t, storetest.FreshPostgres(t)) })
}

// What the editor writes, what she writes by hand for the workshop's account, and what the article is called.
const (
	kilnTitle = "Il forno grande si apre"
	kilnWords = "Sabato alle dieci apriamo il forno grande: dentro ci sono i piatti della serie Lungarno, e chi viene sceglie il suo ancora tiepido. " +
		"L’ingresso è libero, i bambini provano il tornio con Marta, e il caffè lo mettiamo noi. Da Firenze si arriva con il 14, fermata Ponte a Greve. " +
		"Il programma: https://arno.example/forno\n\nVoi quale colore cerchereste per primo? #ceramica"
	workshopWords = "In bottega si apre il forno grande, sabato alle dieci. Chi viene? https://arno.example/forno #ceramica"
	moreWords     = " Portate un amico."
	kilnAlt       = "Il forno aperto con sei piatti blu sui ripiani"
	reminderWords = "Promemoria: domani il forno resta acceso tutta la notte."
	answerWords   = "Il verde salvia! Si può venire con i bambini?"
)

// places are a house with four channels: two on a real PDS, one on a real WordPress, one on a server like Mastodon.
type places struct {
	h              *apptest.House
	now            *later
	shop, workshop *blueskySite
	m              *mastodonSite
	blog           *wordpressSite
	channels       map[string]network.ChannelID // by whose they are: shop, workshop, m, blog
	giulia         apptest.Person
	due            time.Time // the hour that was chosen
	missing        schedule.Wall
	doubled        schedule.Wall
}

func fourPlaces(t *testing.T, database string) *places {
	t.Helper()
	ctx := t.Context()
	s := &places{now: &later{}, channels: map[string]network.ChannelID{}}
	s.shop, s.workshop = newBluesky(t), newBluesky(t)
	s.m = newMastodon(t, mastodontest.Options{Now: s.now.Now})
	s.blog = newWordPress(t, "fermata Ponte a Greve")
	s.h = apptest.Start(t, apptest.Options{Database: database, Deps: app.Deps{Clock: s.now}, Config: func(c *config.Config) { s.shop.settings(c) }})
	for _, x := range []struct {
		name string
		site interface {
			join(t *testing.T, h *apptest.House)
		}
	}{{"shop", s.shop}, {"workshop", s.workshop}, {"m", s.m}, {"blog", s.blog}} {
		x.site.join(t, s.h)
		all, err := s.h.Networks.ChannelsByID(ctx, s.h.Company.ID)
		must(t, err)
		for id := range all {
			if !slices.Contains([]network.ChannelID{s.channels["shop"], s.channels["workshop"], s.channels["m"]}, id) {
				s.channels[x.name] = id
			}
		}
	}
	s.giulia = s.h.Add(team.Editor, "giulia@ceramichearno.example", "Giulia Bandini")
	set, err := s.h.Posts.Settings(ctx, s.h.Owner.Actor())
	must(t, err)
	set.Approval = post.ModeOne
	must(t, s.h.Posts.ChangeSettings(ctx, s.h.Owner.Actor(), set))
	// The next nights on which the clocks of Rome are touched, whenever the test runs.
	zone := s.h.Company.Location()
	found := map[schedule.Kind]schedule.Wall{}
	for day := s.now.Now().In(zone).AddDate(0, 0, 2); len(found) < 2; day = day.AddDate(0, 0, 1) {
		w := schedule.Wall{Year: day.Year(), Month: day.Month(), Day: day.Day(), Hour: 2, Minute: 30}
		if _, kind := schedule.In(w, zone, false); kind != schedule.Exact {
			if _, there := found[kind]; !there {
				found[kind] = w
			}
		}
	}
	s.missing, s.doubled = found[schedule.Missing], found[schedule.Doubled]
	s.due, _ = schedule.In(s.missing, zone, false)
	return s
}

// until moves the clock to a moment.
func (s *places) until(at time.Time) { s.now.advance(at.Sub(s.now.Now())) }

// post reads a post as the owner does.
func (s *places) post(t *testing.T, id post.ID) post.File {
	t.Helper()
	f, err := s.h.Posts.Open(t.Context(), s.h.Owner.Actor(), id)
	must(t, err)
	return f
}

// remote is where the first message of a channel stands.
func (s *places) remote(t *testing.T, id post.ID, channel string) string {
	t.Helper()
	for _, v := range s.post(t, id).Variants {
		if v.Channel == s.channels[channel] {
			return v.Parts[0].RemoteID
		}
	}
	t.Fatalf("nothing stands on %s", channel)
	return ""
}

// inBoth keeps a picture of the whole page in both themes.
func (w *window) inBoth(name string) {
	w.t.Helper()
	if *looking == "" {
		return
	}
	for _, theme := range []string{"dark", "light"} {
		w.theme(theme)
		w.do(`document.querySelector("dialog[open]") || scrollTo(0, 0)`)
		picture, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			w.t.Logf("no picture of %s: %v", name, err)
			continue
		}
		must(w.t, os.WriteFile(filepath.Join(*looking, strings.ReplaceAll(w.t.Name(), "/", "-")+"-"+name+"-"+theme+".png"), picture, 0o600))
	}
}

// fits fails when the page is wider than its window.
func (w *window) fits(name string) {
	w.t.Helper()
	if wide := w.text(`document.documentElement.scrollWidth > innerWidth + 1 ? "wide" : ""`); wide != "" {
		w.t.Errorf("%s is wider than the window", name)
	}
}

// hour chooses a time in the composer.
func (w *window) hour(at schedule.Wall) {
	w.t.Helper()
	w.do(`(() => { const e = document.querySelector("#post-at"); e.value = ` + quote(at.String()) + `; for (const n of ["input", "change"]) e.dispatchEvent(new Event(n, {bubbles: true})); })()`)
}

func oneMessage(t *testing.T, database string) {
	ctx := t.Context()
	s := fourPlaces(t, database)
	h := s.h

	hers := newWindow(t, h, "it", desktop)
	hers.signIn(s.giulia.Email, apptest.Password)
	id := writes(t, s, hers)
	page := "/posts/" + string(id)
	asks(t, s, hers)
	hers.at(page)
	if f := s.post(t, id); f.Post.State != post.Pending || !f.Post.DueAt.Equal(s.due) || len(s.standing(t)) != 0 {
		t.Fatalf("it is %s for %s; %d stand", f.Post.State, f.Post.DueAt, len(s.standing(t)))
	}

	// The owner reads it on a phone and says yes: it is planned by itself.
	owner := newWindow(t, h, "it", phone)
	owner.signIn(apptest.OwnerEmail, apptest.Password)
	owner.sees(kilnTitle)
	owner.inBoth("phone-today")
	owner.click("the post", `[...document.querySelectorAll('a[href^="/posts/pst_"]')].find((a) => a.getClientRects().length > 0)`)
	owner.at(page)
	owner.sees(owner.say("postpage.odd.missing", "asked", "02:30"))
	owner.inBoth("phone-approve")
	owner.fits("the post on a phone")
	owner.pressKey("postpage.approve.do")
	owner.sees(owner.say("postpage.approved"))
	if f := s.post(t, id); f.Post.State != post.Planned || !f.Post.DueAt.Equal(s.due) {
		t.Fatalf("approved, it is %s for %s", f.Post.State, f.Post.DueAt)
	}

	// She changes it: the yes is gone, and is asked for again over what is new.
	hers.until(`document.querySelector("h1")?.closest(".head")?.innerText.includes(` + quote(hers.say("postpage.state.planned")) + `)`)
	hers.letter("e")
	hers.at(page + "/edit")
	hers.sees(hers.say("postpage.edit.again"))
	hers.run("to the end", chromedp.Focus(chromedp.CSS("#post-text")))
	hers.key(kb.End, chromedp.KeyModifiers(chromedp.ModifierCtrl))
	hers.key(moreWords)
	hers.click(hers.say("postpage.edit.draft"), `document.querySelector(".composer .foot .key")`)
	hers.at(page)
	hers.until(`document.querySelector("#post-at")?.value === ` + quote(s.missing.String()))
	if st := s.post(t, id).Post.State; st != post.Draft {
		t.Fatalf("changed, it is %s", st)
	}
	hers.pressKey("postpage.go.planask")
	hers.until(`document.querySelector("#confirm-dialog[open]")`)
	hers.click("yes", `document.querySelector("#confirm-dialog button[type=submit]")`)
	hers.until(`document.querySelector("#post-sheet")`)
	owner.open(page)
	owner.until(`[...document.querySelectorAll("#approve ins")].some((e) => e.innerText.includes("Portate un amico"))`)
	owner.inBoth("phone-changed")
	owner.pressKey("postpage.approve.do")
	owner.sees(owner.say("postpage.approved"))
	owner.inBoth("phone-planned")
	if f := s.post(t, id); f.Post.State != post.Planned || !f.Post.DueAt.Equal(s.due) {
		t.Fatalf("approved again, it is %s for %s", f.Post.State, f.Post.DueAt)
	}

	stopped(t, s, hers, owner)

	// The hour comes. One network takes the message and hangs up: nobody knows, until it is read back.
	hers.signIn(s.giulia.Email, apptest.Password)
	hers.open(page)
	hers.mark()
	s.until(s.due.Add(-10 * time.Minute))
	must(t, h.Posts.Due(ctx))
	if got := s.standing(t); len(got) != 0 {
		t.Fatalf("before its hour stands %q", got)
	}
	before := s.m.Calls("POST /api/v1/statuses") // the reminder
	read := make(chan struct{})
	s.m.Inject(
		mastodontest.Fault{Endpoint: "POST /api/v1/statuses", Way: mastodontest.HangUp},
		mastodontest.Fault{Endpoint: "GET /api/v1/accounts/*", Way: mastodontest.Slow, Times: -1, Until: read},
	)
	s.until(s.due.Add(time.Second))
	hers.within(3*soon, `document.body.innerText.includes(`+quote(hers.say("postpage.part.unconfirmed"))+`)`)
	hers.within(3*soon, `[...document.querySelectorAll(".post-places li")].filter((e) => e.innerText.includes(`+quote(hers.say("postpage.variant.sent"))+`)).length === 3`)
	hers.inBoth("unconfirmed")
	close(read)
	hers.within(3*soon, `document.querySelectorAll(".place-links a").length === 5`)
	hers.unmoved()
	hers.inBoth("sent")
	s.m.Heal()
	if n := s.m.Calls("POST /api/v1/statuses") - before; n != 1 {
		t.Errorf("it was sent %d times, not read back", n)
	}
	s.check(t)

	afterwards(t, s, hers, id)
	s.check(t)
}

// writes is the composer: the message once, a picture with its description, and one variant by hand.
func writes(t *testing.T, s *places, hers *window) post.ID {
	t.Helper()
	hers.open("/posts")
	hers.letter("n")
	hers.at("/posts/new")
	hers.until(`new Set([...document.querySelectorAll(".post-ticks .tick")].map((e) => e.innerText)).size === 4`) // two accounts of one name are told apart
	hers.fill("#post-text", kilnWords)
	hers.until(`/^\/posts\/pst_/.test(location.pathname)`)
	id := post.ID(strings.TrimPrefix(hers.text(`location.pathname`), "/posts/"))
	file := filepath.Join(t.TempDir(), "forno.png")
	must(t, os.WriteFile(file, kilnPicture(t), 0o600))
	hers.run("the picture", chromedp.SetUploadFiles(chromedp.CSS("input[data-upload]"), []string{file}))
	hers.until(`document.querySelector("#alt-0")`)
	hers.fill("#alt-0", kilnAlt)

	hers.pressKey("postpage.more")
	hers.fill("#post-title", kilnTitle)

	// Each preview looks as its network shows it: split where it is too long, whole where it fits, the picture described everywhere.
	preview := func(channel string) string { return `#preview-` + string(s.channels[channel]) }
	for channel, parts := range map[string]string{"shop": "2", "workshop": "2", "m": "1", "blog": "1"} {
		at := `document.querySelectorAll(` + quote(preview(channel)+" .post-part") + `)`
		hers.until(at + `.length === ` + parts + ` && [...` + at + `].map((e) => e.innerText).join(" ").includes("per primo")`)
		hers.until(`document.querySelector(` + quote(preview(channel)+" .gallery img") + `)?.alt === ` + quote(kilnAlt))
	}
	hers.until(`document.querySelector(` + quote(preview("blog")) + `).innerText.includes(` + quote(kilnTitle) + `)`)
	hers.inBoth("previews")
	workshop := string(s.channels["workshop"])
	hers.click("the workshop's tab", `document.querySelector('label[for="tab-`+workshop+`"]')`)
	hers.fill("#own-text-"+workshop, workshopWords)
	hers.until(`document.querySelectorAll(` + quote(preview("workshop")+" .post-part") + `).length === 1 && document.querySelector(` + quote(preview("workshop")) + `).innerText.includes("In bottega")`)
	hers.until(`!document.querySelector('[data-own="` + workshop + `"] [data-own-changed]').hidden && document.querySelector("#post-saved[data-ago]:not([data-dirty])")`)
	hers.inBoth("by-hand")
	hers.fits("the composer")
	return id
}

// asks chooses the hour: of the one that comes twice it is told which, and the one that does not come is moved. Then it is asked about.
func asks(t *testing.T, s *places, hers *window) {
	t.Helper()
	hers.hour(s.doubled)
	hers.sees(hers.say("schedule.doubled", "asked", "02:30"))
	hers.click("the second", `document.querySelector('#post-clock input[name="second"]')`)
	hers.pressKey("postpage.go.planask")
	hers.until(`document.querySelector("#confirm-dialog[open]")?.innerText.includes(` + quote(hers.say("postpage.odd.second", "clock", "02:30")) + `)`)
	hers.inBoth("twice")
	hers.key(kb.Escape)
	hers.until(`!document.querySelector("#confirm-dialog[open]")`)
	hers.hour(s.missing)
	hers.sees(hers.say("schedule.missing", "asked", "02:30", "used", "03:30"))
	hers.inBoth("missing")
	hers.pressKey("postpage.go.planask")
	hers.until(`document.querySelector("#confirm-dialog[open]")?.innerText.includes(` + quote(hers.say("postpage.odd.missing", "asked", "02:30")) + `)`)
	hers.sees("03:30")
	hers.inBoth("confirm")
	hers.click("yes", `document.querySelector("#confirm-dialog button[type=submit]")`)
	hers.until(`document.querySelector("#post-sheet")`)
	hers.sees(hers.say("postpage.state.pending"))
	hers.inBoth("pending")
}

// stopped pauses everything from the phone, lets a smaller post fall due meanwhile, and goes on. The night of the change comes with it.
func stopped(t *testing.T, s *places, hers, owner *window) {
	t.Helper()
	ctx, h := t.Context(), s.h
	x, err := h.Posts.Create(ctx, s.giulia.Actor(), post.CreateIn{Message: post.Message{Text: reminderWords}, Channels: []network.ChannelID{s.channels["m"]}})
	must(t, err)
	early := s.missing
	early.Hour = 1
	x, err = h.Posts.Schedule(ctx, s.giulia.Actor(), x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.At, Wall: early}})
	must(t, err)
	x, err = h.Posts.Approve(ctx, h.Owner.Actor(), x.ID, x.Hash)
	must(t, err)

	owner.open("/posts")
	owner.pressKey("postlist.pause")
	owner.until(`document.querySelector("#pause-dialog[open]")`)
	owner.fill("#pause-why", "L’Arno è alto: in città si pensa ad altro.")
	owner.inBoth("phone-pause")
	owner.click("pause", `document.querySelector("#pause-dialog button[type=submit]")`)
	owner.until(`document.querySelector("#stop.stop-on")?.innerText.includes("L’Arno è alto")`)
	owner.inBoth("phone-paused")
	owner.fits("the list on a phone")
	hers.until(`document.querySelector("#stop.stop-on")`) // the others see it without asking

	// Their sessions end meanwhile: the pages would go to the door by themselves.
	hers.open("about:blank")
	owner.open("about:blank")
	s.until(x.DueAt.Add(5 * time.Second))
	eventually(t, "the reminder is held", 2*soon, func() bool { return s.post(t, x.ID).Post.State == post.Held })
	owner.signIn(apptest.OwnerEmail, apptest.Password)
	owner.open("/posts/" + string(x.ID))
	owner.sees(owner.say("postpage.held.paused"))
	owner.inBoth("phone-held")
	if got := holding(s.m.standing(t), "Promemoria"); len(got) != 0 {
		t.Fatalf("while everything is paused stands %+v", got)
	}
	owner.click("go on", `document.querySelector("#stop form .key")`)
	owner.until(`document.querySelector("#stop:not(.stop-on)")`)
	owner.open("/posts/" + string(x.ID)) // what was held still asks
	owner.pressKey("postpage.release")
	eventually(t, "the reminder stands", 2*soon, func() bool { return s.post(t, x.ID).Post.State == post.Sent })
	if got := holding(s.m.standing(t), "Promemoria"); len(got) != 1 {
		t.Fatalf("let go on, it stands as %+v", got)
	}
}

// standing lists what stands of the message, on all four.
func (s *places) standing(t *testing.T) (out []string) {
	t.Helper()
	for _, x := range []interface {
		standing(t *testing.T) []posted
	}{s.shop, s.workshop, s.m, s.blog} {
		for _, p := range x.standing(t) {
			if strings.Contains(p.Text, "forno grande") || strings.Contains(p.Text, "per primo") {
				out = append(out, p.Text)
			}
		}
	}
	return out
}

// check reads every network: the message stands once, as it was made for it, and not before its hour.
func (s *places) check(t *testing.T) {
	t.Helper()
	var found []mastodontest.Status
	for _, st := range s.m.Standing(account) {
		if strings.Contains(st.Text, "forno grande") {
			found = append(found, st)
		}
	}
	if len(found) != 1 {
		t.Fatalf("on Mastodon stands %+v", found)
	}
	st := found[0]
	for _, w := range []string{"Ponte a Greve", "https://arno.example/forno", "#ceramica", "Portate un amico"} {
		if !strings.Contains(st.Text, w) {
			t.Errorf("on Mastodon %q is missing in %q", w, st.Text)
		}
	}
	if !slices.Equal(st.Alt, []string{kilnAlt}) || st.Language != "it" || st.At.Before(s.due) || strings.Contains(st.Text, kilnTitle) {
		t.Errorf("on Mastodon stands %+v, due %s", st, s.due)
	}
	articles := s.blog.articles(t)
	if len(articles) != 1 {
		t.Fatalf("on the site stand %+v", articles)
	}
	a := articles[0]
	for _, w := range []string{`href="https://arno.example/forno`, "Portate un amico", "Voi quale colore"} {
		if !strings.Contains(a.Content.Rendered, w) {
			t.Errorf("on the site %q is missing in %q", w, a.Content.Rendered)
		}
	}
	if a.Title.Rendered != kilnTitle || a.Featured == 0 || s.blog.alt(t, a.Featured) != kilnAlt {
		t.Errorf("on the site stands %+v", a)
	}
	shop := s.records(t, s.shop)
	if len(shop) != 2 {
		t.Fatalf("of the thread stand %+v", shop)
	}
	first, second := shop[0], shop[1]
	if reply, _ := second.Value["reply"].(map[string]any); ref(reply["parent"]) != first.URI || ref(reply["root"]) != first.URI || first.Value["reply"] != nil {
		t.Errorf("the thread hangs together as %v and %v", first.Value["reply"], second.Value["reply"])
	}
	workshop := s.records(t, s.workshop)
	if len(workshop) != 1 || !strings.HasPrefix(words(workshop[0]), "In bottega") {
		t.Fatalf("by hand was written %+v", workshop)
	}
	for _, rs := range [][]blueskytest.Record{shop, workshop} {
		var whole []string
		features, alts := map[string]string{}, []string{}
		for _, r := range rs {
			whole = append(whole, words(r))
			covers(t, r, features)
			if embed, _ := r.Value["embed"].(map[string]any); embed != nil {
				images, _ := embed["images"].([]any)
				for _, i := range images {
					alt, _ := i.(map[string]any)["alt"].(string)
					alts = append(alts, alt)
				}
			}
			at, err := time.Parse(time.RFC3339, r.Value["createdAt"].(string))
			must(t, err)
			if at.Before(s.due) {
				t.Errorf("it says to be of %s, before %s", at, s.due)
			}
		}
		if features["tag"] != "ceramica" || features["link"] != "https://arno.example/forno" {
			t.Errorf("%q has %v", whole, features)
		}
		if !slices.Equal(alts, []string{kilnAlt}) {
			t.Errorf("%q shows %q", whole, alts)
		}
	}
}

// records are those of the message on the PDS, in their order.
func (s *places) records(t *testing.T, b *blueskySite) (out []blueskytest.Record) {
	t.Helper()
	all, err := b.us.Records(t.Context(), "app.bsky.feed.post")
	must(t, err)
	for _, r := range slices.Backward(all) {
		if r.URI != b.ours {
			out = append(out, r)
		}
	}
	return out
}

func words(r blueskytest.Record) string {
	s, _ := r.Value["text"].(string)
	return s
}

// covers notes what the facets of a record are; each covers, counted in bytes, what it names.
func covers(t *testing.T, r blueskytest.Record, features map[string]string) {
	t.Helper()
	text := words(r)
	facets, _ := r.Value["facets"].([]any)
	for _, f := range facets {
		index, _ := f.(map[string]any)["index"].(map[string]any)
		start, _ := index["byteStart"].(float64)
		end, _ := index["byteEnd"].(float64)
		if start < 0 || end <= start || int(end) > len(text) {
			t.Fatalf("a facet from %v to %v of %d bytes", start, end, len(text))
		}
		named := text[int(start):int(end)]
		for _, x := range f.(map[string]any)["features"].([]any) {
			feature, _ := x.(map[string]any)
			switch kind, _ := feature["$type"].(string); kind {
			case "app.bsky.richtext.facet#tag":
				features["tag"], _ = feature["tag"].(string)
				if named != "#"+features["tag"] {
					t.Errorf("the tag %q covers %q", features["tag"], named)
				}
			case "app.bsky.richtext.facet#link":
				features["link"], _ = feature["uri"].(string)
				if !strings.Contains(named, "arno.example/forno") || strings.ContainsAny(named, " \n") {
					t.Errorf("the link %q covers %q", features["link"], named)
				}
			default:
				t.Errorf("%q is a %s", named, kind)
			}
		}
	}
}

// afterwards people like it and answer it; the page of the post counts them and leads to the conversations.
func afterwards(t *testing.T, s *places, hers *window, id post.ID) {
	t.Helper()
	ctx, h := t.Context(), s.h
	up, down := s.remote(t, id, "shop"), s.remote(t, id, "m")
	must(t, s.m.stranger.Like(ctx, down))
	_, err := s.m.stranger.Reply(ctx, down, "Il blu del fiume, senza dubbio.")
	must(t, err)
	_, err = s.shop.them.Like(ctx, up)
	must(t, err)
	parent, err := s.shop.them.Get(ctx, up)
	must(t, err)
	at := map[string]any{"uri": parent.URI, "cid": parent.CID}
	_, err = s.shop.them.PostRecord(ctx, map[string]any{
		"text": answerWords, "reply": map[string]any{"root": at, "parent": at}, "createdAt": s.now.Now().Format(time.RFC3339),
	})
	must(t, err)
	eventually(t, "the index of the network has both", 2*soon, func() bool {
		n, err := s.shop.us.Unread(ctx)
		must(t, err)
		return n >= 2
	})
	s.until(s.due.Add(61 * time.Minute))
	said := arrives(t, h, answerWords)
	arrives(t, h, "Il blu del fiume")
	must(t, h.Posts.Count(ctx))
	hers.within(3*soon, `document.querySelectorAll(".post-said li").length === 2`)
	hers.sees(answerWords)
	hers.within(3*soon, `document.querySelector(".post-chart")`)
	hers.unmoved()
	hers.inBoth("afterwards")
	hers.resize(phone)
	hers.inBoth("phone-afterwards")
	hers.fits("the page afterwards")
	hers.resize(desktop)
	got := map[network.ChannelID]post.Result{}
	for _, r := range s.post(t, id).Results {
		got[r.Channel] = r
	}
	for _, name := range []string{"shop", "workshop", "m", "blog"} {
		r, ok := got[s.channels[name]]
		want := map[string]int{"shop": 1, "m": 1}[name]
		likes := r.Counted.Reactions
		if name == "blog" && likes == nil {
			likes = new(int) // nobody can like an article
		}
		if !ok || r.Age != "1h" || likes == nil || *likes != want || r.Counted.Replies == nil || *r.Counted.Replies != want {
			t.Errorf("%s brought %+v", name, r)
		}
	}
	hers.click("the conversation", `[...document.querySelectorAll(".post-said li")].find((e) => e.innerText.includes(`+quote(answerWords)+`)).querySelector('a[href^="/inbox/"]')`)
	hers.at("/inbox/" + string(said))
	hers.until(`document.querySelector("#thread")?.innerText.includes(` + quote(answerWords) + `)`)
}

// kilnPicture is a kiln with plates on its shelves, more or less.
func kilnPicture(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 900, 600))
	for y := range 600 {
		for x := range 900 {
			c := color.RGBA{R: 58, G: 44, B: 38, A: 255}
			cx, cy := x%300-150, y%300-140
			switch {
			case cx*cx+cy*cy < 60*60:
				c = color.RGBA{R: 226, G: 232, B: 238, A: 255}
			case cx*cx+cy*cy < 95*95:
				c = color.RGBA{R: 28, G: 78, B: 128, A: 255}
			case y%300 > 250 && y%300 < 266:
				c = color.RGBA{R: 196, G: 110, B: 58, A: 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	must(t, png.Encode(&b, img))
	return b.Bytes()
}
