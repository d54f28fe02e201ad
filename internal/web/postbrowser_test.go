package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/ponte-desk/ponte/internal/browsertest"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// viewer looks at pages in both sizes and themes.
type viewer struct {
	t   *testing.T
	ctx context.Context
	axe string
}

func (v *viewer) do(actions ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	if err := browsertest.Do(v.ctx, actions...); err != nil {
		v.t.Fatal(err)
	}
}

func (v *viewer) size(width int64, scheme string) {
	v.t.Helper()
	phone := width < 500
	call := func(err error) {
		v.t.Helper()
		if err != nil {
			v.t.Fatal(err)
		}
	}
	_, err := chromedp.Call(v.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: phone})
	call(err)
	_, err = chromedp.Call(v.ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: phone})
	call(err)
	_, err = chromedp.Call(v.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	call(err)
}

func (v *viewer) text(script string) string {
	v.t.Helper()
	s, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		v.t.Fatalf("%s: %v", script, err)
	}
	return s
}

// still waits until the page has asked for nothing for a while.
func (v *viewer) still() {
	v.t.Helper()
	v.text(`new Promise((done) => {
		let asks = setTimeout(() => done(""), 800);
		document.addEventListener("htmx:beforeSend", () => { clearTimeout(asks); asks = setTimeout(() => done(""), 800); });
	})`)
}

// look finds what hangs over and what axe finds, and keeps a picture when one is wished for.
func (v *viewer) look(name string) {
	v.t.Helper()
	for _, width := range []int64{1440, 1024, 390} {
		if width == 1024 && *screens == "" {
			continue // looked at by people; what hangs over shows in the narrower one
		}
		for _, scheme := range []string{"light", "dark"} {
			v.size(width, scheme)
			at := name + "-" + strconv.Itoa(int(width)) + "-" + scheme
			if over := v.text(hangsOver); over != "" {
				v.t.Errorf("%s: %s", at, over)
			}
			if v.axe != "" {
				if v.text(`String(!!window.axe)`) != "true" {
					v.do(chromedp.Evaluate[chromedp.Void](v.axe))
				}
				said := v.text(`document.fonts.ready.then(() => axe.run(document, {resultTypes: ["violations"]})).then((r) => JSON.stringify(r.violations.flatMap((v) => v.nodes.slice(0, 3).map((n) => v.id + ": " + n.target.join(" ") + ": " + (n.any[0] ?? n.all[0] ?? n.none[0] ?? {message: v.help}).message))))`)
				var found []string
				if err := json.Unmarshal([]byte(said), &found); err != nil {
					v.t.Fatal(err)
				}
				for _, f := range found {
					v.t.Errorf("%s: %s", at, f)
				}
			}
			if *screens != "" {
				picture, err := chromedp.Run(v.ctx, chromedp.FullScreenshot(100))
				if err != nil {
					v.t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(*screens, at+".png"), picture, 0o600); err != nil {
					v.t.Fatal(err)
				}
			}
		}
	}
}

// plate is a picture with a light and a dark half.
func plate(t *testing.T, hue color.RGBA) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 800, 600))
	for y := range 600 {
		for x := range 800 {
			c := color.RGBA{R: 236, G: 228, B: 214, A: 255}
			if (x-560)*(x-560)+(y-320)*(y-320) < 150*150 {
				c = hue
			}
			img.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// stocked is a house with five channels and a post in each state.
type stocked struct {
	*house
	channels []network.ChannelID
	pages    map[string]string
}

func stock(t *testing.T) *stocked {
	t.Helper()
	h := newHouse(t, storetest.SQLite(t), housetest.Options{})
	ctx, owner := t.Context(), h.Actor(team.Owner)
	for role, name := range map[team.Role]string{team.Owner: "Giulia Bandini", team.Community: "Marta Lippi", team.Marketing: "Nadia Rossi", team.Editor: "Saverio Neri", team.Contributor: "Piero Ulivi", team.Guest: "Beatrice Salvi"} {
		_, err := h.Team.ChangeMember(ctx, owner, team.ChangeMemberIn{Member: h.Members[role].ID, Name: name, Role: role, Job: "laboratorio"})
		h.ok(err)
	}
	sample := func(yes bool) {
		h.ok(h.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.DB.NewRaw("UPDATE company SET sample = ? WHERE id = ?", yes, h.Company.ID).Exec(ctx)
			return err
		}))
	}
	s := &stocked{house: h, pages: map[string]string{}}
	sample(true)
	for _, x := range []struct {
		name   network.Name
		handle string
		limit  int
	}{{"mastodon", "arno@botteghe.example", 500}, {"bluesky", "arno.example", 300}, {"instagram", "ceramichearno", 2200}, {"linkedin", "ceramiche-arno", 3000}} {
		ch, err := h.Networks.AddSample(ctx, owner, network.AddSampleIn{
			Network: x.name, ServerURL: "https://" + string(x.name) + ".example", Account: network.Account{RemoteID: x.handle, Handle: x.handle, Name: "Ceramiche Arno", URL: "https://" + string(x.name) + ".example/arno"},
			Limits: network.Limits{Characters: x.limit, Attach: 4}, Traits: network.Traits{}, Connected: h.Clock.Now(),
		})
		h.ok(err)
		s.channels = append(s.channels, ch.ID)
	}
	sample(false)
	var files []post.Media
	for i, c := range []color.RGBA{{R: 34, G: 84, B: 120, A: 255}, {R: 160, G: 70, B: 40, A: 255}} {
		f, err := h.Media.Add(ctx, media.Incoming{Company: string(h.Company.ID), Member: string(owner.Member), Name: []string{"forno.png", "piatto.png"}[i], Body: bytes.NewReader(plate(t, c))})
		h.ok(err)
		files = append(files, post.Media{ID: f.ID, FocusX: .4, FocusY: -.1})
	}
	files[0].Alt = "Il forno aperto con sei pezzi blu e bianchi sui ripiani"
	for _, x := range []post.Snippet{
		{Kind: post.Template, Name: "Apertura", Message: post.Message{Text: "Apriamo il forno il …"}},
		{Kind: post.Signature, Name: "La bottega", Message: post.Message{Text: "Ceramiche Arno, via Larga 12"}},
		{Kind: post.TagSet, Name: "Di casa", Message: post.Message{Tags: []string{"ceramica", "fattoamano"}}},
	} {
		_, err := h.Posts.SaveSnippet(ctx, owner, x)
		h.ok(err)
	}
	text := "Sabato 21 alle 10 apriamo il forno. Noi abbiamo lavorato due mesi alla nuova serie Lungarno: il nostro blu, il nostro smalto, le nostre mani. Siamo leader nella ceramica di qualità a 360 gradi!!! Ingresso libero, il primo piatto è ancora tiepido: https://arno.example/forno\n\nPer prenotare il tavolo scrivete a Marta, 347 1234567. #ceramica"
	create := func(m post.Message, own map[network.ChannelID]post.Own, chs ...network.ChannelID) post.Post {
		x, err := h.Posts.Create(ctx, h.Actor(team.Editor), post.CreateIn{Message: m, Channels: chs, Own: own})
		h.ok(err)
		return x
	}
	draft := create(post.Message{Text: text, Media: files, Tags: []string{"fattoamano"}}, map[network.ChannelID]post.Own{s.channels[1]: {Text: "Sabato 21 alle 10 apriamo il forno: due mesi di lavoro sul blu. https://arno.example/forno"}}, s.channels...)
	_, err := h.Posts.Comment(ctx, h.Actor(team.Community), draft.ID, "Toglierei il telefono di Marta: in pubblico no.")
	h.ok(err)
	s.pages["draft"] = "/posts/" + string(draft.ID)
	h.Clock.Advance(20 * time.Minute)
	_, err = h.Posts.SaveDraft(ctx, h.Actor(team.Editor), post.SaveIn{Post: draft.ID, Version: 1, Message: post.Message{Text: text + " Vi aspettiamo.", Media: files, Tags: []string{"fattoamano"}}, Channels: s.channels, Own: map[network.ChannelID]post.Own{s.channels[1]: {Text: "Sabato 21 alle 10 apriamo il forno: due mesi di lavoro sul blu. https://arno.example/forno"}}})
	h.ok(err)
	s.pages["history"] = s.pages["draft"] + "/history"

	h.approval(post.ModeOne)
	asked := create(post.Message{Text: kiln + " Ingresso libero, dalle 10 alle 13.", Media: files[:1]}, nil, s.channels[0], s.channels[1], s.channels[2])
	_, err = h.Posts.Ask(ctx, h.Actor(team.Editor), asked.ID, post.AskIn{Version: 1, Note: "Per sabato va bene?"})
	h.ok(err)
	_, err = h.Posts.SendBack(ctx, owner, asked.ID, "Manca come arrivare.")
	h.ok(err)
	h.Clock.Advance(15 * time.Minute)
	asked, err = h.Posts.SaveDraft(ctx, h.Actor(team.Editor), post.SaveIn{Post: asked.ID, Version: 1, Message: post.Message{Text: kiln + " Ingresso libero, dalle 10 alle 13. Si arriva con il 14.", Media: files[:1]}, Channels: []network.ChannelID{s.channels[0], s.channels[1], s.channels[2]}})
	h.ok(err)
	wall := schedule.WallOf(h.Clock.Now().Add(50*time.Hour), h.Company.Location())
	_, err = h.Posts.Schedule(ctx, h.Actor(team.Editor), asked.ID, post.ScheduleIn{Version: asked.Version, When: post.When{Kind: post.At, Wall: wall}})
	h.ok(err)
	s.pages["pending"] = "/posts/" + string(asked.ID)
	h.approval(post.ModeNone)

	planned := create(post.Message{Text: "Chi c’è dietro il tornio: Marta racconta come nasce una ciotola, e perché la terza prova è quella buona. Voi che cosa le chiedereste?"}, nil, h.Channel.ID)
	_, err = h.Posts.Schedule(ctx, owner, planned.ID, post.ScheduleIn{Version: 1, When: post.When{Kind: post.At, Wall: wall, Repeat: &schedule.Rule{Every: schedule.Week, Interval: 1, Count: 6}}})
	h.ok(err)
	s.pages["planned"] = "/posts/" + string(planned.ID)

	sent := create(post.Message{Text: kiln}, nil, h.Channel.ID)
	_, err = h.Posts.Schedule(ctx, owner, sent.ID, post.ScheduleIn{Version: 1, When: post.When{Kind: post.Now}})
	h.ok(err)
	h.out()
	up := h.postFile(sent.ID).Variants[0].Parts[0].RemoteID
	for i, handle := range []string{"elena", "paolo", "irene"} {
		who := h.Stranger(handle)
		h.ok(who.Like(ctx, up))
		if i > 0 {
			_, err = who.Reply(ctx, up, "Si può venire con i bambini? Da noi piove sempre di sabato, ma un piatto tiepido vale il viaggio.")
			h.ok(err)
		}
	}
	h.Read()
	h.Clock.Advance(25 * time.Hour)
	h.ok(h.Posts.Count(ctx))
	s.pages["sent"] = "/posts/" + string(sent.ID)
	return s
}

// A post is written, looked at, asked about and sent in a real browser: nothing hangs over, axe finds nothing, in both sizes,
// themes and languages.
func TestPostsInABrowser(t *testing.T) {
	t.Parallel()
	ctx := chromium(t)
	s := stock(t)
	owner := s.Members[team.Owner]
	s.give(owner)
	v := &viewer{t: t, ctx: ctx}
	if b, err := os.ReadFile(filepath.Join("..", "..", "test", "servers", "node_modules", "axe-core", "axe.min.js")); err == nil {
		v.axe = string(b)
	} else if os.Getenv("PONTE_TEST_REQUIRE") == "1" {
		t.Fatal(err)
	}
	v.do(chromedp.Navigate(s.server.URL+"/sign-in?next=%2Fhelp"), chromedp.SendKeys("#email", owner.Email), chromedp.SendKeys("#password", secret), chromedp.Submit("#password"), chromedp.WaitVisible("#words"))
	s.pages["new"] = "/posts/new"
	s.pages["edit"] = s.pages["sent"] + "/edit"
	for name, path := range s.pages {
		v.do(chromedp.Navigate(s.server.URL+path+"?lang=it"), chromedp.WaitReady("body"))
		v.look("it-post-" + name)
	}
	v.do(chromedp.Navigate(s.server.URL+s.pages["draft"]+"?lang=en"), chromedp.WaitReady("body"))
	v.look("en-post-draft")
	v.do(chromedp.Navigate(s.server.URL+s.pages["pending"]+"?lang=en"), chromedp.WaitReady("body"))
	v.look("en-post-pending")

	// The keyboard alone: what is typed is kept, adapted and shown; the question comes as a dialog.
	v.size(1440, "light")
	v.do(chromedp.Navigate(s.server.URL+"/posts/new?lang=it"), chromedp.WaitVisible("#post-text"), chromedp.SendKeys("#post-text", "Domani apriamo il forno: chi viene?"))
	v.do(chromedp.WaitVisible(`#post-saved[data-ago]`))
	if at := v.text(`location.pathname`); !strings.HasPrefix(at, "/posts/pst_") {
		t.Errorf("the address is still %s", at)
	}
	if said := v.text(`document.querySelector(".post-previews").textContent`); !strings.Contains(said, "chi viene?") {
		t.Errorf("the previews say %q", said)
	}
	v.do(chromedp.Click(`.post-leaves .key.red`), chromedp.WaitVisible(`#confirm-dialog[open]`))
	v.look("it-post-confirm")
	v.size(1440, "light")
	v.do(chromedp.Click(`#confirm-dialog button[type="submit"]`), chromedp.WaitVisible(`#post-sheet`))

	// What a colleague says comes in while one writes, and what one is saying oneself stays.
	v.do(chromedp.Navigate(s.server.URL+s.pages["draft"]+"?lang=it"), chromedp.WaitVisible("#comment-text"), chromedp.SendKeys("#comment-text", "A metà di una frase"))
	_, err := s.Posts.Comment(t.Context(), s.Actor(team.Community), post.ID(strings.TrimPrefix(s.pages["draft"], "/posts/")), "Un’altra foto?")
	s.ok(err)
	const talk = `document.querySelector("#comment-rows").innerText + "|" + document.querySelector("#comment-text").value`
	said := v.text(talk)
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(said, "Un’altra foto?") && time.Now().Before(deadline); said = v.text(talk) {
		<-time.After(50 * time.Millisecond)
	}
	if !strings.Contains(said, "Un’altra foto?") || !strings.HasSuffix(said, "|A metà di una frase") {
		t.Errorf("the composer says %q", said)
	}

	// What changes while a part of the page is just being read again is not missed.
	v.do(chromedp.Navigate(s.server.URL+s.pages["sent"]+"?lang=it"), chromedp.WaitVisible("#post-sheet"))
	v.text(`(() => {
		let done = false;
		document.addEventListener("htmx:beforeSwap", (e) => {
			if (done || e.detail.target?.id !== "post-sheet") return;
			done = true;
			const call = new XMLHttpRequest(); // before the answer, which is old by then, is shown
			call.open("POST", location.pathname + "/comments", false);
			call.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
			call.send("text=Arrivato+nel+frattempo");
		});
		return "";
	})()`)
	_, err = s.Posts.Comment(t.Context(), s.Actor(team.Community), post.ID(strings.TrimPrefix(s.pages["sent"], "/posts/")), "Il primo")
	s.ok(err)
	for deadline := time.Now().Add(30 * time.Second); v.text(`String(document.body.innerText.includes("Arrivato nel frattempo"))`) != "true"; {
		if time.Now().After(deadline) {
			t.Fatalf("a bell was missed: the page says %q", v.text(`document.body.innerText`))
		}
		<-time.After(50 * time.Millisecond)
	}
	// Then nothing rings, and nothing is read.
	v.text(`(window.asked = 0, document.addEventListener("htmx:beforeSend", () => window.asked++), "")`)
	<-time.After(2 * time.Second)
	if n, err := strconv.Atoi(v.text(`String(window.asked)`)); err != nil || n > 3 {
		t.Errorf("the page asks on and on: %d times in two seconds (%v)", n, err)
	}
}
