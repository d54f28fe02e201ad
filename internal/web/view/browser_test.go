package view_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/ponte-desk/ponte/internal/browsertest"
	"github.com/ponte-desk/ponte/internal/web/static"
	"github.com/ponte-desk/ponte/internal/web/view"
)

var screens = flag.String("screens", "", "write a picture of every page into this folder")

// policy is the content security policy under which the desk must work.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// browser starts Chromium once for a test; what a page complains about fails the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	messages := chromedp.Console(ctx)
	done := make(chan struct{})
	reading, stop := context.WithCancel(ctx)
	go func() {
		defer close(done)
		for m, err := range messages {
			if err != nil || reading.Err() != nil {
				return
			}
			if m.IsException() || m.Type == "error" && !strings.Contains(m.URL, view.PathLive) {
				t.Errorf("the browser complains: %s", m)
			}
		}
	}()
	t.Cleanup(func() { stop(); cancel(); <-done })
	return ctx
}

// asked is what a page sent to the server.
type asked struct {
	mu   sync.Mutex
	seen []string
}

func (a *asked) add(s string) { a.mu.Lock(); defer a.mu.Unlock(); a.seen = append(a.seen, s) }

func (a *asked) has(part string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.seen {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// lostConnection as a bell ends the stream, and the next ones answer with an error.
const lostConnection = "lost"

func serve(t *testing.T, b bench) (string, *asked, chan string) {
	t.Helper()
	heard := &asked{}
	bells := make(chan string, 8)
	var down atomic.Bool
	mux := http.NewServeMux()
	mux.Handle("GET "+static.Prefix, b.assets)
	page := func(c templ.Component) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", policy)
			if err := c.Render(r.Context(), w); err != nil {
				t.Error(err)
			}
		}
	}
	for _, lang := range []string{"it", "en"} {
		for _, g := range b.gallery(lang) {
			mux.Handle("GET /"+lang+"/"+g.name, page(g.page))
		}
	}
	mux.HandleFunc("GET /ties/map", func(w http.ResponseWriter, _ *http.Request) {
		if err := json.NewEncoder(w).Encode(hundredThousand().Map()); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET "+view.PathLive, func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		heard.add("live " + r.URL.RawQuery)
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, ": hello\n\n")
		w.(http.Flusher).Flush()
		for {
			select {
			case <-r.Context().Done():
				return
			case topic := <-bells:
				if topic == lostConnection {
					down.Store(true)
					return
				}
				fmt.Fprintf(w, "data: {\"topic\":%q}\n\n", topic)
				w.(http.Flusher).Flush()
			}
		}
	})
	mux.HandleFunc("GET "+view.PathInbox+"/waiting", func(w http.ResponseWriter, r *http.Request) {
		p := b.member("it", "", view.RoomInbox)
		p.Waiting = 7
		page(view.Waiting(p))(w, r)
	})
	mux.HandleFunc("GET "+view.PathPromises, func(w http.ResponseWriter, r *http.Request) {
		heard.add("promises read again")
		p := b.member("it", "", view.RoomCases)
		page(view.Fragment(p))(w, r)
		page(view.Promises(p, b.promises()))(w, r)
	})
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 20); err != nil && err != http.ErrNotMultipart {
			t.Error(err)
		}
		heard.add(r.URL.Path + " " + r.Form.Encode())
		w.WriteHeader(http.StatusNoContent)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s.URL, heard, bells
}

// until waits for an expression of the page to become true.
func until(expression string) step {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		deadline := time.Now().Add(10 * time.Second)
		for {
			ok, err := chromedp.Evaluate[bool]("!!("+expression+")")(ctx, tab)
			if ok || err != nil && time.Now().After(deadline) {
				return err
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("never true: %s", expression)
			}
			if err := browsertest.Do(ctx, chromedp.Sleep(20*time.Millisecond)); err != nil {
				return err
			}
		}
	})
}

// do evaluates an expression for what it does.
func do(expression string) step { return chromedp.Evaluate[chromedp.Void](expression) }

type step = chromedp.Action[chromedp.Void]

func run(t *testing.T, ctx context.Context, what string, steps ...step) {
	t.Helper()
	if err := browsertest.Do(ctx, steps...); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// eventually waits for something the server heard.
func eventually(t *testing.T, ctx context.Context, heard *asked, part string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !heard.has(part); {
		if time.Now().After(deadline) {
			heard.mu.Lock()
			defer heard.mu.Unlock()
			t.Fatalf("the server never heard %q, only %q", part, heard.seen)
		}
		run(t, ctx, "wait", chromedp.Sleep(20*time.Millisecond))
	}
}

// widerThanWindow names what sticks out, except what scrolls in its own place.
const widerThanWindow = `document.fonts.ready.then(() => document.documentElement.scrollWidth <= innerWidth + 1 ? "" :
	[...document.querySelectorAll("body *")]
		.filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".table-scroll, .filter-list, svg, .unseen, .skip"))
		.slice(0, 4).map((e) => e.tagName + "." + e.className).join(", ") || "something")`

// Every page, in both sizes: nothing is refused by the policy, nothing is wider than the window.
func TestPagesInABrowser(t *testing.T) {
	b := setup(t)
	url, _, _ := serve(t, b)
	ctx := browser(t)
	langs, themes := []string{"it"}, []string{"light"}
	if *screens != "" {
		langs, themes = []string{"it", "en"}, []string{"light", "dark"}
	}
	for _, lang := range langs {
		visits := b.gallery(lang)
		visits = append(visits, shown{name: "inbox#talk"}, shown{name: "components#keys-help"})
		for _, g := range visits {
			for _, size := range [][2]int64{{1440, 900}, {390, 844}, {320, 700}} {
				for _, theme := range themes {
					if size[0] == 320 && theme == "dark" {
						continue
					}
					at := fmt.Sprintf("%s-%s-%d-%s", g.name, lang, size[0], theme)
					phone := size[0] < 600
					call := func(err error) {
						t.Helper()
						if err != nil {
							t.Fatalf("%s: %v", at, err)
						}
					}
					_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: size[0], Height: size[1], DeviceScaleFactor: 1, Mobile: phone})
					call(err)
					_, err = chromedp.Call(ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: phone})
					call(err)
					_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}})
					call(err)
					run(t, ctx, at, chromedp.Navigate(url+"/"+lang+"/"+g.name), chromedp.WaitReady("body"),
						do(`if (location.hash === "#keys-help") document.getElementById("keys-help").showModal()`))
					wide, err := chromedp.Run(ctx, chromedp.Evaluate[string](widerThanWindow, chromedp.EvalAwaitPromise))
					call(err)
					if wide != "" {
						t.Errorf("%s is wider than the window: %s", at, wide)
					}
					if *screens != "" && size[0] != 320 {
						png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
						call(err)
						if err := os.WriteFile(filepath.Join(*screens, strings.ReplaceAll(at, "#", "-")+".png"), png, 0o600); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
		}
	}
}

func TestKeysMoveAndPress(t *testing.T) {
	b := setup(t)
	url, _, _ := serve(t, b)
	ctx := browser(t)
	focused := func(text string) step {
		return until(`document.activeElement?.textContent.includes(` + fmt.Sprintf("%q", text) + `)`)
	}
	run(t, ctx, "j", chromedp.EmulateViewport(1440, 900), chromedp.Navigate(url+"/it/inbox"), chromedp.KeyEvent("j"), focused("Paolo Marchetti"))
	run(t, ctx, "j again", chromedp.KeyEvent("j"), focused("Beatrice Salvi"))
	run(t, ctx, "k", chromedp.KeyEvent("k"), focused("Paolo Marchetti"))
	run(t, ctx, "?", chromedp.KeyEvent("?"), until(`document.getElementById("keys-help").matches(":modal")`))
	run(t, ctx, "escape", chromedp.KeyEvent(kb.Escape), until(`!document.getElementById("keys-help").open`))
	run(t, ctx, "letters while typing are letters", do(`document.getElementById("reply-text").value = ""`), chromedp.Focus(chromedp.CSS("#reply-text")), chromedp.KeyEvent("jk?"),
		until(`document.getElementById("reply-text").value === "jk?" && !document.getElementById("keys-help").open`))
	run(t, ctx, "escape leaves the field", chromedp.KeyEvent(kb.Escape), until(`document.activeElement === document.body`))
	run(t, ctx, "off", do(`document.body.dataset.keys = "off"`), chromedp.KeyEvent("?"), chromedp.KeyEvent("j"), until(`document.activeElement === document.body && !document.querySelector("dialog[open]")`))
}

func TestComposerCountsAndKeeps(t *testing.T) {
	b := setup(t)
	url, heard, _ := serve(t, b)
	ctx := browser(t)
	// 11 = "@elena" and a space and "ciao"; the address counts 23, the family one.
	count := func(text string, want int) {
		t.Helper()
		run(t, ctx, text, do(fmt.Sprintf(`{ const a = document.getElementById("reply-text"); a.value = %q; a.dispatchEvent(new Event("input", { bubbles: true })); }`, text)),
			until(fmt.Sprintf(`document.querySelector("[data-counted] b").textContent === "%d"`, want)))
	}
	run(t, ctx, "open", chromedp.EmulateViewport(1440, 900), chromedp.Navigate(url+"/it/inbox"), until(`document.querySelector("[data-counted] b") !== null`))
	count("ciao", 11)
	count("https://arno.example/una/strada/lunghissima/che/conta/ventitre.", 7+23+1)
	count("👩‍👩‍👧", 8)
	count("e\u0301", 8)
	count("@ada@example.org qui", 7+4+4)
	count(strings.Repeat("a", 500), 507)
	run(t, ctx, "too long", until(`document.querySelector("[data-counted]").classList.contains("over") && !document.getElementById("reply-text").validity.valid`))
	count("basta", 12)
	run(t, ctx, "a draft", until(`document.querySelector("[data-draft-state]").textContent !== ""`))
	eventually(t, ctx, heard, "/inbox/1/draft text=basta")
	eventually(t, ctx, heard, "/inbox/1/writing")
	run(t, ctx, "a saved reply", chromedp.Click(chromedp.CSS("#reply summary.key")), until(`document.querySelector("#reply [data-menu]").open`), chromedp.Click(chromedp.CSS("[data-insert]")), until(`document.getElementById("reply-text").value.includes("Grazie di averci scritto, Elena.")`))
	file := filepath.Join(t.TempDir(), "tazza.png")
	if err := os.WriteFile(file, []byte("\x89PNG\r\n\x1a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, ctx, "a file", chromedp.SetUploadFiles(chromedp.CSS("[data-files]"), []string{file}), until(`document.querySelector("[data-pictures] [data-name]")?.textContent === "tazza.png" && document.activeElement.name === "file-alt"`),
		chromedp.KeyEvent("una tazza"), chromedp.Click(chromedp.CSS("#reply .key.red")))
	eventually(t, ctx, heard, "file-alt=una+tazza")
}

func TestLiveReadsAgain(t *testing.T) {
	b := setup(t)
	url, heard, bells := serve(t, b)
	ctx := browser(t)
	run(t, ctx, "open", chromedp.EmulateViewport(1440, 900), chromedp.Navigate(url+"/it/inbox"), until(`document.querySelector("#waiting .waiting").textContent.startsWith("4")`))
	bells <- "inbox"
	run(t, ctx, "the number in the rail", until(`document.querySelector("#waiting .waiting").textContent.startsWith("7")`))
	if !heard.has("live topics=inbox") {
		t.Errorf("the page listens to %v", heard.seen)
	}
	bells <- lostConnection
	run(t, ctx, "a lost connection is said in words", until(`!document.getElementById("live-state").hidden && document.getElementById("live-state").textContent.includes("mi ricollego")`))
}

func TestDialogsToastsAndThemes(t *testing.T) {
	b := setup(t)
	url, heard, _ := serve(t, b)
	ctx := browser(t)
	run(t, ctx, "dialog", chromedp.EmulateViewport(1440, 900), chromedp.Navigate(url+"/it/components"), chromedp.Click(chromedp.CSS(`.section [popovertarget="remove"]`)),
		until(`document.getElementById("remove").matches(":modal")`), chromedp.Click(chromedp.CSS(`#remove .key.quiet`)), until(`!document.getElementById("remove").open`))
	run(t, ctx, "the focus comes back", until(`document.activeElement.getAttribute("popovertarget") === "remove"`))
	run(t, ctx, "a menu by its letter", chromedp.KeyEvent("g"), until(`document.querySelector("details[data-menu]").open && document.activeElement.textContent.includes("Giulia Bandini")`),
		chromedp.KeyEvent(kb.ArrowDown), until(`document.activeElement.textContent.includes("Marta Lippi")`),
		chromedp.KeyEvent(kb.Escape), until(`!document.querySelector("details[data-menu]").open && document.activeElement.matches("summary")`))
	run(t, ctx, "undo", chromedp.Click(chromedp.CSS(`.toast form .key`)))
	run(t, ctx, "theme", chromedp.Click(chromedp.CSS(`[name="theme"][value="dark"]`)), until(`document.documentElement.dataset.theme === "dark" && getComputedStyle(document.body).colorScheme !== ""`))
	eventually(t, ctx, heard, "/undo id=1")
	eventually(t, ctx, heard, "/theme back=%2Fgallery&theme=dark")
}

// A page with forms does not read itself again under the hands of who writes on it.
func TestLiveIsCareful(t *testing.T) {
	b := setup(t)
	url, heard, bells := serve(t, b)
	ctx := browser(t)
	run(t, ctx, "open", chromedp.EmulateViewport(1440, 900), chromedp.Navigate(url+"/it/promises"), until(`document.body.dataset.topic === "cases"`))
	eventually(t, ctx, heard, "live topics=cases")
	bells <- "cases"
	eventually(t, ctx, heard, "promises read again")
	run(t, ctx, "a note begun", chromedp.Click(chromedp.CSS("#promise-prm_1 [data-menu] summary")), until(`document.activeElement?.id === "keep-prm_1"`), chromedp.KeyEvent("l"))
	heard.mu.Lock()
	heard.seen = nil
	heard.mu.Unlock()
	bells <- "cases"
	run(t, ctx, "it is said instead", until(`!document.querySelector("[data-news]").hidden && document.getElementById("keep-prm_1").value === "l"`))
	if heard.has("promises read again") {
		t.Error("the page was read again under the hands of who writes")
	}
}

func TestACaseIsOpenedFromARow(t *testing.T) {
	b := setup(t)
	url, _, _ := serve(t, b)
	ctx := browser(t)
	run(t, ctx, "c on a row", chromedp.EmulateViewport(1440, 900), chromedp.Navigate(url+"/it/inbox"), chromedp.KeyEvent("j"), until(`document.activeElement?.textContent.includes("Paolo Marchetti")`),
		chromedp.KeyEvent("c"), until(`location.pathname === "/it/case-new"`), until(`document.activeElement?.id === "case-title"`))
}
