package journey_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/browsertest"
	"github.com/ponte-desk/ponte/internal/i18n"
)

var looking = flag.String("look", "", "write a picture of every moment worth looking at into this folder")

// chromium is the one browser process that all tests share, each in windows of its own.
var chromium struct {
	once  sync.Once
	ctx   context.Context
	close []func()
	err   error
}

func openChromium() {
	path := os.Getenv("PONTE_TEST_CHROMIUM")
	dir, err := os.MkdirTemp("", "ponte-chromium-")
	if err != nil {
		chromium.err = err
		return
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.UserDataDir(dir))
	if path != "" {
		opts = append(opts, chromedp.ExecPath(path))
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, end := chromedp.NewContext(ctx)
	chromium.ctx = ctx
	chromium.close = []func(){
		func() { _ = chromedp.Cancel(ctx) }, // it may have ended already
		end, stop, func() { _ = os.RemoveAll(dir) },
	}
	chromium.err = browsertest.Do(ctx)
}

func closeChromium() {
	for _, f := range chromium.close {
		f()
	}
}

// size is how large a window is.
type size struct {
	name          string
	width, height int64
	phone         bool
}

var (
	desktop = size{"desktop", 1440, 900, false}
	phone   = size{"phone", 390, 844, true}
)

// window is a person's browser: it shares neither cookies nor anything else with other windows.
type window struct {
	t     *testing.T
	ctx   context.Context
	words *i18n.Localizer
	base  string

	mu        sync.Mutex
	tolerated []string // parts of complaints that are expected
	looks     int
}

type step = chromedp.Action[chromedp.Void]

// patience is how long a step may take.
const patience = 15 * time.Second

// newWindow opens a window that asks for pages in a language. What a page complains about fails the test.
func newWindow(t *testing.T, h *apptest.House, lang string, s size) *window {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	chromium.once.Do(openChromium)
	must(t, chromium.err)
	ctx, cancel := chromedp.NewContext(chromium.ctx, chromedp.WithNewBrowserContext())
	w := &window{t: t, ctx: ctx, words: h.Catalog.For(lang), base: h.URL()}
	messages := chromedp.Console(ctx)
	done := make(chan struct{})
	reading, stop := context.WithCancel(ctx)
	go func() {
		defer close(done)
		for m, err := range messages {
			if err != nil || reading.Err() != nil {
				return
			}
			// Other servers' pages, and a stream that ends with its house, are not ours to judge.
			if m.IsException() || m.Type == "error" && strings.HasPrefix(m.URL, h.URL()) && !strings.Contains(m.URL, "/live") {
				w.complain(fmt.Sprint(m))
			}
		}
	}()
	t.Cleanup(func() {
		stop()
		cancel()
		_ = chromedp.Cancel(ctx) // waits until it is closed
		<-done
	})
	accept := map[string]string{"it": "it-IT,it", "en": "en-GB,en"}[lang]
	agent := "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
	must(t, browsertest.Do(ctx, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: accept})
		return err
	})))
	w.resize(s)
	return w
}

func (w *window) complain(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, part := range w.tolerated {
		if strings.Contains(s, part) {
			return
		}
	}
	w.t.Errorf("the browser complains: %s", s)
}

// tolerate expects complaints: of a form that is refused, for example.
func (w *window) tolerate(part string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tolerated = append(w.tolerated, part)
}

func (w *window) resize(s size) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: s.width, Height: s.height, DeviceScaleFactor: 1, Mobile: s.phone})
	must(w.t, err)
	_, err = chromedp.Call(ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: s.phone})
	must(w.t, err)
}

func (w *window) theme(name string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	must(w.t, err)
}

// run does steps, within patience.
func (w *window) run(what string, steps ...step) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience+5*time.Second)
	defer cancel()
	if err := browsertest.Do(ctx, steps...); err != nil {
		w.fail(what, err)
	}
}

func (w *window) fail(what string, err error) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	at, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + " " + document.title`)) // for the message only
	if *looking != "" {
		w.look("FAILED")
	}
	w.t.Fatalf("%s: at %s: %v", what, at, err)
}

// open goes to an address; a path is of the house.
func (w *window) open(address string) {
	w.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = w.base + address
	}
	ctx, cancel := context.WithTimeout(w.ctx, patience+5*time.Second)
	defer cancel()
	for try := 0; ; try++ {
		err := browsertest.Do(ctx, chromedp.Navigate(address), chromedp.WaitReady("body"))
		if err == nil {
			return
		}
		// A page that goes somewhere by itself at this moment (its session has ended, for example) aborts ours: asked again, it is the only one.
		if try == 3 || !strings.Contains(err.Error(), "net::ERR_ABORTED") {
			w.fail("open "+address, err)
		}
	}
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string can be written
	}
	return string(b)
}

// is tells what an expression of the page says.
func (w *window) is(expression string) bool {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
	must(w.t, err)
	return ok
}

// text evaluates an expression that gives a text.
func (w *window) text(expression string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		w.fail(expression, err)
	}
	return s
}

// do evaluates an expression for what it does.
func (w *window) do(expression string) {
	w.t.Helper()
	w.run(expression, chromedp.Evaluate[chromedp.Void](expression))
}

// until waits for an expression of the page to become true; pages may come and go meanwhile.
func (w *window) until(expression string) { w.t.Helper(); w.within(patience, expression) }

func (w *window) within(most time.Duration, expression string) {
	w.t.Helper()
	deadline := time.Now().Add(most)
	var last error
	for time.Now().Before(deadline) {
		ctx, cancel := context.WithTimeout(w.ctx, patience)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		cancel()
		if ok {
			return
		}
		last = err
		<-time.After(25 * time.Millisecond)
	}
	w.fail("never true: "+expression, errors.Join(errors.New("timed out"), last))
}

// visible finds elements that a person can see.
const visible = `(e) => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 && getComputedStyle(e).visibility !== "hidden" && !e.closest("[inert], [hidden]"); }`

// spot is where on the screen something is.
type spot struct{ X, Y float64 }

// click presses with the mouse, or the finger, in the middle of what an expression finds.
func (w *window) click(what, find string) {
	w.t.Helper()
	w.until(find)
	expression := `(() => { const e = ` + find + `; e.scrollIntoView({block: "center", inline: "nearest", behavior: "instant"}); const r = e.getBoundingClientRect(); return {X: r.x + r.width / 2, Y: r.y + r.height / 2}; })()`
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Evaluate[spot](expression))
	if err != nil {
		w.fail(what, err)
	}
	w.run(what, chromedp.MouseClickXY(at.X, at.Y))
}

// press presses the key, link or line of a menu that says these words.
func (w *window) press(words string) {
	w.t.Helper()
	w.click("press "+words, w.named(words))
}

// named finds what can be pressed and says these words.
func (w *window) named(words string) string {
	return `[...document.querySelectorAll("button, a, summary, label, [role=button]")].filter(` + visible + `)
		.find((e) => ((e.getAttribute("aria-label") ?? "") + " " + e.innerText).replace(/\s+/g, " ").includes(` + quote(words) + `))`
}

// say gives words of the catalog.
func (w *window) say(key string, args ...any) string {
	w.t.Helper()
	if !w.words.Has(key) {
		w.t.Fatalf("the catalog has no %q", key)
	}
	return w.words.T(key, args...)
}

// saysKey presses what says these words of the catalog.
func (w *window) pressKey(key string, args ...any) { w.t.Helper(); w.press(w.say(key, args...)) }

// type fills a field as a person does, after emptying it.
func (w *window) fill(css, text string) {
	w.t.Helper()
	w.until(`document.querySelector(` + quote(css) + `)`)
	w.run("fill "+css, chromedp.Focus(chromedp.CSS(css)), chromedp.Evaluate[chromedp.Void](`document.querySelector(`+quote(css)+`).select?.()`), chromedp.KeyEvent(text))
}

// key presses keys of the keyboard.
func (w *window) key(keys string, opts ...chromedp.KeyOption) {
	w.t.Helper()
	w.run("keys "+keys, chromedp.KeyEvent(keys, opts...))
}

// letter presses one key as a keyboard does: whoever takes the press keeps the letter from being written.
func (w *window) letter(l string) {
	w.t.Helper()
	code := "Key" + strings.ToUpper(l)
	w.run("letter "+l, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: l, Code: code, Text: l, WindowsVirtualKeyCode: int64(strings.ToUpper(l)[0])})
		if err == nil {
			_, err = chromedp.Call(ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Key: l, Code: code, WindowsVirtualKeyCode: int64(strings.ToUpper(l)[0])})
		}
		return err
	}))
}

// sendWithKeys is Ctrl+Enter.
func (w *window) sendWithKeys() {
	w.t.Helper()
	w.key(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl))
}

// sees waits until the page shows words.
func (w *window) sees(words string) {
	w.t.Helper()
	w.until(`document.body.innerText.replace(/\s+/g, " ").includes(` + quote(words) + `)`)
}

// at waits until the window is at a path.
func (w *window) at(path string) { w.t.Helper(); w.until(`location.pathname === ` + quote(path)) }

// mark makes it possible to see whether the page was loaded anew.
func (w *window) mark() { w.t.Helper(); w.do(`window.marked = true`) }

func (w *window) unmoved() {
	w.t.Helper()
	if !w.is(`window.marked === true`) {
		w.t.Error("the page was loaded anew")
	}
}

// look writes a picture for who wants to look.
func (w *window) look(name string) {
	w.t.Helper()
	if *looking == "" {
		return
	}
	w.looks++
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		w.t.Logf("no picture of %s: %v", name, err)
		return
	}
	file := fmt.Sprintf("%s-%02d-%s.png", strings.ReplaceAll(w.t.Name(), "/", "-"), w.looks, name)
	must(w.t, os.WriteFile(filepath.Join(*looking, file), png, 0o600))
}

// signIn goes through the door.
func (w *window) signIn(email, password string) {
	w.t.Helper()
	w.open("/sign-in")
	w.fill(`input[name="email"]`, email)
	w.fill(`input[name="password"]`, password)
	w.pressKey("door.enter")
	w.at("/")
}
