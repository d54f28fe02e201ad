package journey_test

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/cli"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// later is the machine's clock, moved on by as much as a story needs.
type later struct{ by atomic.Int64 }

func (c *later) Now() time.Time          { return clock.Trim(time.Now().Add(time.Duration(c.by.Load()))) }
func (c *later) advance(d time.Duration) { c.by.Add(int64(d)) }

// morning goes on to a time of day at which a house in Rome has looked whether its changes worked, whenever the test runs.
func (c *later) morning() {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err)
	}
	for c.Now().In(rome).Hour() < 4 {
		c.advance(time.Hour)
	}
}

// A bad review on Monday: from what a stranger writes on a real PDS to the count five weeks after the change, with a record
// that anyone can check.
func TestABadReviewOnMonday(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { badReview(t, "") })
	t.Run("postgres", func(t *testing.T) { badReview(t, storetest.FreshPostgres(t)) })
}

func badReview(t *testing.T, database string) {
	ctx := t.Context()
	now := &later{}
	m := newMastodon(t, mastodontest.Options{Now: now.Now})
	b := newBluesky(t)
	h := apptest.Start(t, apptest.Options{Database: database, Deps: app.Deps{Clock: now}, Config: func(c *config.Config) { b.settings(c) }})
	m.join(t, h)
	b.join(t, h)
	giulia := h.Add(team.Community, "giulia@ceramichearno.example", "Giulia Bandini")
	saverio := h.Add(team.Contributor, "saverio@ceramichearno.example", "Saverio Nucci")
	approve(t, h)

	// It arrives, and five others say the same elsewhere.
	const review = "La tazza è arrivata scheggiata sul bordo, per la seconda volta. Che delusione."
	said := b.ask(t, review)
	for _, who := range []string{"marco", "irene", "anna", "piero", "lucia"} {
		_, err := m.Stranger(who, account).Mention(ctx, "La tazza è arrivata scheggiata sul bordo, che delusione.")
		must(t, err)
	}
	id := arrives(t, h, "scheggiata sul bordo, per la seconda volta")
	eventually(t, "the others arrive", soon, func() bool { return len(all(t, h)) == 6 })

	// It is recognised as criticism, with the words that say so; others say the same; `c` opens a case.
	hers := newWindow(t, h, "it", desktop)
	hers.tolerate("422")
	hers.signIn(giulia.Email, apptest.Password)
	hers.open("/inbox/" + string(id))
	hers.sees(hers.say("inboxpage.why.title"))
	hers.until(`document.querySelector("#thread mark")?.innerText.length > 3`)
	hers.look("why")
	hers.letter("c")
	hers.at("/cases/new")
	hers.until(`document.querySelectorAll("#new-case input[name=i]:checked").length >= 6`)
	hers.fill("#case-title", "Tazze scheggiate sul bordo")
	hers.do(`(() => { const s = document.querySelector("#case-owner"); s.value = [...s.options].find((o) => o.text.includes("Saverio")).value; })()`)
	hers.do(`document.querySelector("#case-due").value = ` + quote(now.Now().AddDate(0, 0, 10).Format(time.DateOnly)))
	hers.look("new-case")
	hers.pressKey("casenew.key")
	hers.sees("Tazze scheggiate sul bordo")
	hers.until(`/^\/cases\/cas_/.test(location.pathname)`)
	page := hers.text(`location.pathname`)
	caseID := growth.CaseID(strings.TrimPrefix(page, "/cases/"))
	hers.look("case")

	// She answers. What the answer promises is asked about; another reads it before it goes out.
	const answer = "Hai ragione, Elena: ti mandiamo due tazze nuove entro venerdì."
	hers.open("/inbox/" + string(id))
	hers.fill("#reply-text", answer)
	hers.pressKey("inboxpage.ask")
	hers.sees(hers.words.N("inboxpage.promise.asked", 1))
	hers.until(`document.querySelector("#promise-due-0").value.length === 10`)
	hers.look("promise-asked")
	hers.pressKey("inboxpage.ask")
	hers.until(`document.querySelector("#thread")?.innerText.includes(` + quote(answer) + `)`)
	owner := newWindow(t, h, "it", phone)
	owner.signIn(apptest.OwnerEmail, apptest.Password)
	owner.open("/inbox/" + string(id))
	owner.pressKey("inboxpage.approve")
	eventually(t, "the answer stands on the PDS", soon, func() bool { return len(holding(b.standing(t), answer)) > 0 })
	promise := promised(t, h)

	// Saverio sees just this case. He writes the cause, what changes, and that it has changed.
	his := newWindow(t, h, "it", desktop)
	his.signIn(saverio.Email, apptest.Password)
	his.open("/cases")
	his.sees("Tazze scheggiate sul bordo")
	his.look("contributor")
	his.tolerate("403")
	his.open("/inbox/" + string(id))
	if !his.is(`!document.body.innerText.includes(` + quote(review) + `)`) {
		t.Error("a contributor reads the inbox")
	}
	his.open(page)
	his.fill("#next textarea", "Nella scatola da due le tazze si toccano proprio sul bordo.")
	his.pressKey("casepage.does.heard")
	his.sees(his.say("casepage.do.understood"))
	his.fill("#next textarea", "Un separatore di cartone in ogni scatola da due.")
	his.pressKey("casepage.does.understood")
	his.sees(his.say("casepage.do.changing"))
	his.look("changing")
	his.fill(`#next textarea[name="did_it"]`, "Un separatore di cartone in ogni scatola da due.")
	his.fill(`#next textarea[name="did_en"]`, "A cardboard divider in every box of two.")
	his.pressKey("casepage.does.changing")
	his.sees(his.say("casepage.say.changed"))
	his.look("changed")

	// The public entry is read in both languages and asked for; the owner publishes it from a phone.
	hers.open(page)
	hers.do(`document.querySelector("#entry").open = true`)
	for field, text := range map[string]string{
		"#title-it": "Il separatore nelle scatole", "#title-en": "The divider in the boxes", "#stone-it": "scatole", "#stone-en": "boxes",
		"#said-it": "Le tazze arrivano scheggiate sul bordo.", "#said-en": "Cups arrive with chipped rims.",
	} {
		hers.fill(field, text)
	}
	hers.pressKey("casepage.entry.save")
	hers.sees("Le tazze arrivano scheggiate sul bordo.")
	hers.look("entry")
	publish(t, h, hers, owner, caseID, page)

	// Everybody may read it, without a session, in both languages; nobody is named.
	settings, err := h.Growth.Settings(ctx, h.Owner.Actor())
	must(t, err)
	settings.Open = true
	must(t, h.Growth.ChangeSettings(ctx, h.Owner.Actor(), settings))
	stranger := newWindow(t, h, "it", phone)
	stranger.tolerate("404")
	stranger.open("/crescita")
	stranger.sees("Il separatore nelle scatole")
	stranger.sees(stranger.say("publicpage.outcome.too_early"))
	if !stranger.is(`!document.body.innerText.toLowerCase().includes("elena") && !document.cookie`) {
		t.Error("the page names somebody, or sets a cookie")
	}
	stranger.look("growth-phone")
	stranger.open("/growth")
	stranger.sees("The divider in the boxes")
	stranger.resize(desktop)
	stranger.look("growth-en")

	// Who said it is told where they said it, after a person's yes, and may say whether it is better.
	link := letters(t, h, caseID, b, m)
	stranger.open(link)
	stranger.look("asked")
	stranger.press(stranger.say("publicpage.link.yes"))
	eventually(t, "the answer is kept", soon, func() bool {
		f, err := h.Growth.OpenFile(ctx, h.Owner.Actor(), caseID)
		must(t, err)
		return f.Improvement != nil && f.Improvement.Better == 1
	})
	stranger.look("thanked")

	// The promise is kept in time.
	hers.open("/promises")
	hers.sees("entro venerdì")
	hers.look("promises")
	must(t, h.Growth.Keep(ctx, giulia.Actor(), promise, "Spedite ieri."))

	// A head is saved, as a stranger would; five weeks pass, with one more voice.
	head := filepath.Join(t.TempDir(), "head")
	if code, out := ponte(t, "record", "head", h.URL()); code != 0 {
		t.Fatalf("record head: %d %s", code, out)
	} else {
		must(t, os.WriteFile(head, []byte(out), 0o600))
	}
	hers.open("about:blank") // her session ends meanwhile: the page would go to the door by itself
	now.advance(20 * 24 * time.Hour)
	_, err = m.Stranger("gino", account).Mention(ctx, "Gino, tazza arrivata scheggiata sul bordo, pessimo imballaggio. Che delusione.")
	must(t, err)
	arrives(t, h, "Gino, tazza")
	f, err := h.Growth.OpenFile(ctx, h.Owner.Actor(), caseID)
	must(t, err)
	if len(f.Candidates) != 1 {
		t.Fatalf("%d say the same and are in no case", len(f.Candidates))
	}
	must(t, h.Growth.Join(ctx, giulia.Actor(), caseID, []inbox.InteractionID{f.Candidates[0].Interaction}))
	now.advance(15 * 24 * time.Hour)
	now.morning()
	must(t, h.Growth.LookAgain(ctx))
	hers.signIn(giulia.Email, apptest.Password)
	hers.open(page)
	hers.sees(hers.say("casepage.chart"))
	hers.look("counted")
	stranger.open("/crescita")
	stranger.sees(stranger.say("publicpage.outcome.worked"))
	stranger.look("growth-after")

	// The comment is found in the record, with its proof; the whole record holds, also against the head of five weeks ago.
	stranger.open("/record/find?address=" + url.QueryEscape(address(t, h, id)))
	stranger.sees(stranger.say("publicpage.found.title"))
	stranger.look("found")
	if code, out := ponte(t, "record", "verify", h.URL(), "--head", head); code != 0 {
		t.Errorf("record verify: %d %s", code, out)
	}

	// Erasing the person leaves the record whole.
	thread, err := h.Inbox.Open(ctx, h.Owner.Actor(), id)
	must(t, err)
	person, err := h.Audience.Person(ctx, h.Owner.Actor(), thread.Person())
	must(t, err)
	_, err = h.Audience.Erase(ctx, h.Owner.Actor(), person.ID, audience.EraseIn{Name: person.Name, Reference: "mail del 12"})
	must(t, err)
	eventually(t, "nothing is found of it", soon, func() bool {
		_, err := h.Growth.Find(ctx, h.Company.ID, said)
		return err != nil
	})
	if code, out := ponte(t, "record", "verify", h.URL(), "--head", head); code != 0 {
		t.Errorf("after the erasure: %d %s", code, out)
	}
	if got := holding(b.standing(t), answer); len(got) != 1 || got[0].Parent != said {
		t.Errorf("in answer to %s stands %+v", said, got)
	}
}

// approve lets every answer be read by a second person.
func approve(t *testing.T, h *apptest.House) {
	t.Helper()
	s := h.Company.Settings
	s.Approval = team.ApprovalAll
	_, err := h.Team.ChangeCompany(t.Context(), h.Owner.Actor(), team.ChangeCompanyIn{Name: h.Company.Name, Zone: h.Company.Zone, Locale: h.Company.Locale, Settings: s})
	must(t, err)
}

// promised waits until the one promise is open.
func promised(t *testing.T, h *apptest.House) growth.PromiseID {
	t.Helper()
	var id growth.PromiseID
	eventually(t, "the promise is open", soon, func() bool {
		p, err := h.Growth.Promises(t.Context(), h.Owner.Actor(), growth.PromiseFilter{States: []growth.PromiseState{growth.PromiseOpen}})
		must(t, err)
		if len(p.Promises) == 1 {
			id = p.Promises[0].ID
		}
		return id != ""
	})
	return id
}

// publish asks for the owner's yes and gives it.
func publish(t *testing.T, h *apptest.House, asks, owner *window, c growth.CaseID, page string) {
	t.Helper()
	f, err := h.Growth.OpenFile(t.Context(), h.Owner.Actor(), c)
	must(t, err)
	asks.pressKey("casepage.entry.ask")
	eventually(t, "the owner is asked", soon, func() bool {
		l, err := h.Growth.ToApprove(t.Context(), h.Owner.Actor())
		must(t, err)
		return len(l) == 1
	})
	owner.open("/")
	owner.sees("Il separatore nelle scatole")
	owner.look("to-approve")
	owner.open(page)
	owner.look("case-phone")
	owner.click("publish", `document.querySelector("#next .key.red")`)
	owner.until(`document.querySelector("dialog[open]")`)
	owner.look("sure")
	owner.click("yes", `document.querySelector("dialog[open] .key.red, dialog[open] form .key")`)
	eventually(t, "it is published", soon, func() bool {
		g, err := h.Growth.OpenFile(t.Context(), h.Owner.Actor(), c)
		must(t, err)
		return g.Improvement.State == growth.ImprovementPublished && g.Improvement.ID == f.Improvement.ID
	})
	owner.look("published")
}

// letters says yes to every letter, has them approved, waits until they stand, and gives the personal link of the one on the PDS.
func letters(t *testing.T, h *apptest.House, c growth.CaseID, b *blueskySite, m *mastodonSite) string {
	t.Helper()
	ctx := t.Context()
	f, err := h.Growth.OpenFile(ctx, h.Owner.Actor(), c)
	must(t, err)
	if len(f.Letters) != 6 {
		t.Fatalf("%d letters", len(f.Letters))
	}
	link := ""
	for _, l := range f.Letters {
		must(t, h.Growth.SendLetter(ctx, h.Owner.Actor(), l.ID, growth.Said{}))
		g, err := h.Growth.OpenFile(ctx, h.Owner.Actor(), c)
		must(t, err)
		for _, x := range g.Letters {
			if x.ID != l.ID {
				continue
			}
			r, err := h.Inbox.GetReply(ctx, h.Owner.Actor(), x.Reply)
			must(t, err)
			if r.State == inbox.ReplyPending {
				must(t, h.Inbox.Approve(ctx, team.System(h.Company.ID), r.ID))
			}
			if l.To.Network == network.Bluesky {
				// The letter does not keep the secret of its link: what went out has it.
				link = strings.Fields(r.Text[strings.Index(r.Text, h.URL()+"/c/"):])[0]
			}
		}
	}
	path := strings.TrimPrefix(link, h.URL())
	t.Cleanup(func() {
		if t.Failed() {
			ds, _ := h.Deliveries.Troubled(context.WithoutCancel(t.Context()), h.Owner.Actor())
			t.Logf("on the PDS: %+v; in trouble: %+v; letter: %q", b.standing(t), ds, path)
		}
	})
	eventually(t, "the letter stands on the PDS", soon, func() bool { return len(holding(b.standing(t), path)) == 1 })
	eventually(t, "the letters stand on Mastodon", soon, func() bool { return len(holding(m.standing(t), "/c/")) == 5 })
	return path
}

// address is where what they wrote stands.
func address(t *testing.T, h *apptest.House, id inbox.ConversationID) string {
	t.Helper()
	th, err := h.Inbox.Open(t.Context(), h.Owner.Actor(), id)
	must(t, err)
	return th.Interactions[0].URL
}

// ponte runs a command of the program.
func ponte(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	var o, e bytes.Buffer
	code = cli.Run(context.WithoutCancel(t.Context()), args, cli.Terminal{Out: &o, Err: &e, Env: os.LookupEnv})
	if code != 0 {
		return code, o.String() + e.String()
	}
	return code, o.String()
}
