package web_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
)

// The list, the calendar, the settings and the table in a real browser: nothing hangs over, axe finds nothing; a post is moved with
// the keyboard alone and by dragging it.
func TestPlanningInABrowser(t *testing.T) {
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
	zone := s.Company.Location()
	monday := s.Clock.Now().In(zone)
	for monday.Weekday() != time.Monday {
		monday = monday.AddDate(0, 0, 1)
	}
	set, err := s.Posts.Settings(t.Context(), s.Actor(team.Owner))
	s.ok(err)
	set.Slots = map[network.ChannelID][]schedule.Slot{}
	for _, ch := range append(s.channels[:2:2], s.Channel.ID) {
		set.Slots[ch] = []schedule.Slot{{Weekday: time.Tuesday, Minute: 9 * 60}, {Weekday: time.Thursday, Minute: 18*60 + 30}}
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		set.Quiet.Weekly = append(set.Quiet.Weekly, schedule.Weekly{Weekday: d, From: 22 * 60, To: 7 * 60})
	}
	set.Quiet.Windows = []schedule.Window{{
		From: schedule.WallOf(monday.AddDate(0, 0, 5), zone), To: schedule.WallOf(monday.AddDate(0, 0, 6), zone), Name: "Lutto cittadino",
	}}
	s.ok(s.Posts.ChangeSettings(t.Context(), s.Actor(team.Owner), set))
	day := func(n int, clock string) string { return monday.AddDate(0, 0, n).Format(time.DateOnly) + "T" + clock }
	moved := s.plan(s.write(team.Editor, "Dietro il tornio: Marta e la terza prova"), day(1, "12:30"))
	s.plan(s.write(team.Community, "Il cartone ondulato, terza prova"), day(0, "09:00"))
	s.plan(s.write(team.Owner, "Promemoria: domani il forno"), day(1, "17:00"))
	s.plan(s.write(team.Owner, "Perché il blu della serie Lungarno viene sempre un po’ diverso"), day(3, "10:00"))

	v.do(chromedp.Navigate(s.server.URL+"/sign-in?next=%2Fhelp"), chromedp.SendKeys("#email", owner.Email), chromedp.SendKeys("#password", secret), chromedp.Submit("#password"), chromedp.WaitVisible("#words"))
	week := "/posts/calendar?day=" + day(0, "")[:10]
	for name, path := range map[string]string{
		"list": "/posts", "week": week, "month": week + "&view=month", "autumn": "/posts/calendar?day=2026-10-25", "settings": "/settings/posts", "import": "/posts/import",
	} {
		for _, lang := range []string{"it", "en"} {
			if lang == "en" && name != "list" && name != "week" {
				continue
			}
			v.do(chromedp.Navigate(s.server.URL+path+map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]+"lang="+lang), chromedp.WaitReady("body"))
			v.look(lang + "-plan-" + name)
		}
	}

	// A table that is tried: what it would bring, and what is wrong with it line by line.
	for name, table := range map[string]string{
		"good": `data,ora,canali,testo\n2026-04-29,18:30,fake,Sabato apriamo il forno: chi viene?\n,,fake,Una bozza senza ora\n`,
		"bad":  `data,ora,canali,testo\n31/02/2026,18:30,fake,Sabato apriamo il forno\n2026-04-29,25:00,nessuno,Ciao\n`,
	} {
		v.size(1440, "light")
		v.do(chromedp.Navigate(s.server.URL+"/posts/import?lang=it"), chromedp.WaitVisible(`input[type="file"]`))
		v.text(`(() => {
			const data = new DataTransfer(), field = document.querySelector('input[type="file"]');
			data.items.add(new File(["` + table + `"], "post.csv", {type: "text/csv"}));
			field.files = data.files;
			field.form.requestSubmit();
			return "";
		})()`)
		v.do(chromedp.WaitVisible("#looked"))
		v.look("it-plan-table-" + name)
	}

	// On a card of the calendar nothing stands outside it, however narrow it is.
	for _, path := range []string{week, week + "&view=month", "/posts/calendar", "/posts/calendar?view=month"} {
		for _, width := range []int64{1280, 1024, 820, 390} {
			v.size(width, "light")
			v.do(chromedp.Navigate(s.server.URL+path+map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]+"lang=it"), chromedp.WaitReady("#calendar"))
			if n := v.text(`String(document.querySelectorAll(".cal-entry").length)`); n == "0" {
				t.Fatalf("%s shows no post", path)
			}
			if spilt := v.text(spills); spilt != "" {
				t.Errorf("%s at %d: %s", path, width, spilt)
			}
		}
	}

	// With the keyboard: taken up, two days on, three hours down, put down.
	v.size(1440, "light")
	v.do(chromedp.Navigate(s.server.URL+week+"&lang=it"), chromedp.WaitVisible(".cal-week"))
	v.text(`document.getElementById("entry-` + string(moved.ID) + `").focus(), ""`)
	due := func() string { return schedule.WallOf(s.postFile(moved.ID).Post.DueAt, zone).String() }
	v.do(chromedp.KeyEvent("m"))
	if said := v.text(`document.getElementById("cal-say").textContent`); !strings.Contains(said, "Preso") {
		t.Errorf("taken up, it says %q", said)
	}
	v.do(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown))
	if said := v.text(`document.getElementById("cal-say").textContent`); !strings.Contains(said, "ore 15") {
		t.Errorf("moved, it says %q", said)
	}
	v.do(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(`[data-card="`+string(moved.ID)+`"][data-at="`+day(3, "15:30")+`"]`))
	if got := due(); got != day(3, "15:30") {
		t.Errorf("with the keyboard it went to %s", got)
	}
	if at := v.text(`document.activeElement.id`); at != "entry-"+string(moved.ID) {
		t.Errorf("the focus is on %q", at)
	}
	// Given up, it stays: once the calendar has heard of the move, which takes the keys for a moment.
	v.still()
	v.do(chromedp.KeyEvent("m"), chromedp.KeyEvent(kb.ArrowLeft), chromedp.KeyEvent(kb.Escape))
	if said := v.text(`document.getElementById("cal-say").textContent`); !strings.Contains(said, "Resta") {
		t.Errorf("given up, it says %q", said)
	}
	// By dragging, as the browser tells it.
	v.text(`(() => {
		const card = document.querySelector('[data-card="` + string(moved.ID) + `"]'), cell = document.querySelector('.cal-hour[data-cell="` + day(2, "11:00") + `"]'), data = new DataTransfer();
		const tell = (on, type) => on.dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: data}));
		tell(card, "dragstart"); tell(cell, "dragover"); tell(cell, "drop"); tell(card, "dragend");
		return "";
	})()`)
	v.do(chromedp.WaitVisible(`[data-card="` + string(moved.ID) + `"][data-at="` + day(2, "11:30") + `"]`))
	if got := due(); got != day(2, "11:30") {
		t.Errorf("by dragging it went to %s", got)
	}
	// And the last move is taken back.
	v.do(chromedp.WaitReady(`.toast form input[name="at"][value="` + day(3, "15:30") + `"]`))
	v.text(`(document.querySelector('.toast form input[name="at"][value="` + day(3, "15:30") + `"]').form.querySelector(".key").click(), "")`)
	v.do(chromedp.WaitVisible(`[data-card="` + string(moved.ID) + `"][data-at="` + day(3, "15:30") + `"]`))
	// Of several moves only the last is offered to be taken back, and the calendar is there once.
	if n := v.text(`document.querySelectorAll(".toast form").length + " " + document.querySelectorAll("#calendar").length`); n != "1 1" {
		t.Errorf("offers to take back and calendars: %s", n)
	}

	// Everything is paused from the dialog, with the keyboard alone, and goes on again. The key that opens it is not the one inside that closes it.
	v.do(chromedp.Navigate(s.server.URL+"/posts?lang=it"), chromedp.WaitVisible("#posts"))
	v.text(`document.querySelector('#posts [popovertarget="pause-dialog"][aria-haspopup]').focus(), ""`)
	v.do(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#pause-dialog[open]"))
	v.look("it-plan-pause")
	v.size(1440, "light")
	v.do(chromedp.KeyEvent(kb.Escape), chromedp.WaitNotVisible("#pause-dialog"))
	if at := v.text(`document.activeElement.getAttribute("popovertarget")`); at != "pause-dialog" {
		t.Errorf("the dialog gives the focus to %q", at)
	}
	v.do(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#pause-dialog[open]"), chromedp.KeyEvent("Alluvione in città"), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#stop.stop-on"))
	if stop, err := s.Posts.Paused(t.Context(), s.Actor(team.Owner)); err != nil || stop == nil || stop.Why != "Alluvione in città" {
		t.Errorf("paused: %+v, %v", stop, err)
	}
	v.look("it-plan-paused")
	v.size(1440, "light")
	v.do(chromedp.Click("#stop form .key"), chromedp.WaitReady("#stop:not(.stop-on)"))
	if stop, err := s.Posts.Paused(t.Context(), s.Actor(team.Owner)); err != nil || stop != nil {
		t.Errorf("resumed: %+v, %v", stop, err)
	}
}

// spills names what stands outside its card.
const spills = `(() => {
	for (const card of document.querySelectorAll(".cal-entry")) {
		const box = card.getBoundingClientRect();
		for (const e of card.querySelectorAll("*")) {
			const r = e.getBoundingClientRect();
			if (r.width === 0 || e.closest(".sheet, .unseen")) continue;
			if (r.right > box.right + 1 || r.left < box.left - 1 || r.bottom > box.bottom + 1) return e.outerHTML.slice(0, 120);
		}
	}
	return "";
})()`
