package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/tie"
)

// village is a house in which a dozen people have to do with the company, and one of them is followed by many who do not know it.
func (h *house) village() {
	h.door.t.Helper()
	ctx := h.door.t.Context()
	post := h.Post("Il forno è acceso")
	for i := range 12 {
		h.Clock.Advance(time.Hour)
		_, err := h.Stranger(fmt.Sprintf("amica%02d", i)).Reply(ctx, post, "Che bel blu #ceramica")
		h.ok(err)
	}
	for i := range 8 {
		who := fmt.Sprintf("altrove%02d", i)
		h.ok(h.Fake.Stranger(who, who).FollowWho("amica01"))
		h.ok(h.Fake.Stranger(who, who).FollowWho(fmt.Sprintf("altrove%02d", (i+1)%8)))
	}
	h.Read()
	h.ok(h.Reach.Feed(ctx, h.Company.ID))
	for range 50 {
		wait, err := h.Reach.Collect(ctx, h.Company.ID, h.Channel.ID)
		h.ok(err)
		if wait == 0 {
			break
		}
		h.Clock.Advance(wait)
	}
	h.ok(h.Reach.Draw(ctx, h.Company.ID))
}

var notNow = regexp.MustCompile(`action="(/ties/rsg_[^"]+/not-now)"`)

// A person is put aside, and taken up again from the toast of the next page.
func TestNotNowAndAfterAll(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		// Nobody is held back by lot: she is to be seen.
		h.ok(h.Reach.ChangeSettings(t.Context(), h.Actor(team.Owner), reach.Settings{Collect: true}))
		h.village()
		who := h.as(team.Community)
		page := who.get("/ties")
		page.is(t, "the page", http.StatusOK, "")
		offered := notNow.FindAllStringSubmatch(page.body, -1)
		if len(offered) == 0 {
			t.Fatalf("nobody is advised:\n%s", cut(page.body))
		}
		at := offered[0][1]
		again := strings.TrimSuffix(at, "not-now") + "again"
		who.post(at).is(t, "not now", http.StatusSeeOther, "/ties")
		after := who.get("/ties")
		after.says(t, "afterwards", "Messo da parte per 30 giorni.", `action="`+again+`"`)
		after.hides(t, "afterwards", `action="`+at+`"`)
		// Twice does nothing, and says so.
		who.post(at).says(t, "again", "qualcuno ha già deciso")
		who.post(again).is(t, "after all", http.StatusSeeOther, "/ties")
		back := who.get("/ties")
		back.says(t, "back", "È di nuovo fra le persone da coinvolgere.", `action="`+at+`"`)
		back.hides(t, "back", `action="`+again+`"`)
		if got := who.post(again); got.status != http.StatusConflict {
			t.Errorf("taken up twice: %d", got.status)
		}
		if got := who.post("/ties/rsg_nothing/not-now"); got.status != http.StatusNotFound {
			t.Errorf("advice that is not there: %d", got.status)
		}
		// Who may only look is shown no key, and is refused.
		guest := h.as(team.Guest)
		guest.get("/ties").hides(t, "a guest", "/not-now")
		if got := guest.post(at); got.status != http.StatusForbidden {
			t.Errorf("a guest puts aside: %d", got.status)
		}
	})
}

// What the company wants of its ties is changed by who may change the company, and seen by who may see people.
func TestTheSettingsOfTheTies(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		const at = "/settings/ties"
		for _, role := range team.Roles {
			who := h.as(role)
			got := who.get(at)
			if (got.status == http.StatusOK) != role.Can(team.PeopleRead) {
				t.Errorf("%s sees the page: %d", role, got.status)
			}
			if form := strings.Contains(got.body, `name="hold"`); form != role.Can(team.CompanyChange) {
				t.Errorf("%s is shown the form: %t", role, form)
			}
			if got := who.post(at, "collect", "off", "hold", "10"); (got.status == http.StatusForbidden) == role.Can(team.CompanyChange) {
				t.Errorf("%s changes it: %d", role, got.status)
			}
		}
		who := h.as(team.Owner)
		settings := func() reach.Settings {
			s, err := h.Reach.Settings(t.Context(), h.Actor(team.Owner))
			h.ok(err)
			return s
		}
		if s := settings(); s.Collect || s.Hold != 10 {
			t.Errorf("kept %+v", s)
		}
		who.get(at).says(t, "off", `name="collect" value="off" checked`, `value="10" selected`, "Si dimentica subito, e per sempre", "di liste non se n’è letta nessuna")
		who.post(at, "collect", "on", "hold", "20").is(t, "on", http.StatusSeeOther, at)
		who.get(at).says(t, "on", "Le liste si leggono da adesso", `name="collect" value="on" checked`, "20 su 100, come di solito")
		who.post(at, "collect", "on", "hold", "35").is(t, "the share", http.StatusSeeOther, at)
		who.get(at).says(t, "the share", "Impostazioni salvate.", `value="35" selected`, "35 su 100")
		for _, bad := range []string{"51", "-1", "metà", ""} {
			got := who.post(at, "collect", "off", "hold", bad)
			got.is(t, bad, http.StatusUnprocessableEntity, "")
			got.says(t, bad, "da 0 a 50", `id="hold-problem"`)
		}
		if s := settings(); !s.Collect || s.Hold != 35 {
			t.Errorf("after what was refused: %+v", s)
		}
		who.post(at, "collect", "off", "hold", "0").is(t, "off", http.StatusSeeOther, at)
		who.get(at).says(t, "off", "è dimenticato, e il ritratto si ricalcola", "Nessuno: non si misura niente")
	})
}

// Whether involving people helps stands on the page as soon as it can be told, and says that it cannot before.
func TestLiftOnThePage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, housetest.Options{})
		h.village()
		owner := h.as(team.Owner)
		owner.get("/ties").says(t, "early", "Coinvolgere qualcuno serve?", "Troppo pochi per dirlo: 0 nell’elenco e 0 fuori per sorteggio", "20 su 100", `href="/settings/ties"`)
		owner.post("/settings/ties", "collect", "on", "hold", "0").is(t, "nobody held back", http.StatusSeeOther, "/settings/ties")
		owner.get("/ties").says(t, "off", "Non si può dire: nessuno resta fuori per sorteggio.")
	})
}

// By which ties a post travelled stands below what it brought.
func TestByWhichTiesAPostTravelled(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.village()
		h.Clock.Advance(40 * 24 * time.Hour)
		x := h.write(team.Owner, kiln)
		_, err := h.Posts.Schedule(ctx, h.Actor(team.Owner), x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.Now}})
		h.ok(err)
		h.out()
		h.Read()
		at := "/posts/" + string(x.ID)
		who := h.as(team.Guest)
		who.get(at).says(t, "before it is counted", "Per quali legami è passato", "Si conta la prossima notte")
		h.ok(h.Reach.Draw(ctx, h.Company.ID))
		who.get(at).says(t, "nothing yet", "Nessuno lo ha ancora fatto girare", "Si conta fino al")
		id := h.postFile(x.ID).Variants[0].Parts[0].RemoteID
		h.Clock.Advance(time.Hour)
		h.ok(h.Stranger("amica01").Share(ctx, id))
		h.Clock.Advance(time.Hour)
		h.ok(h.Stranger("mai").Share(ctx, id))
		h.Read()
		h.ok(h.Reach.Draw(ctx, h.Company.ID))
		got, err := h.Reach.PostCredits(ctx, h.Actor(team.Owner), []reach.PostAt{{Channel: h.Channel.ID, RemoteID: id}})
		h.ok(err)
		if len(got.Credits) != 2 || got.Credits[0].Class != tie.Unknown || got.Credits[0].Shares != 1 || got.Credits[1].Shares != 1 {
			t.Fatalf("credits %+v", got)
		}
		who.get("/ties").says(t, "the page of ties", "I vostri post negli ultimi 90 giorni: fatti girare 2 volte, di cui 1 per legami deboli")
		page := who.get(at)
		page.says(t, "the table", "Non si sa", "L’hanno fatto girare", "È stato fatto girare 2 volte; per legami deboli: 1.", "com’era quando il post è uscito")
		if strings.Index(page.body, "Per quali legami") < strings.Index(page.body, "Che cosa ha portato") {
			t.Error("it stands above what the post brought")
		}
		h.ok(h.Posts.Share(ctx, h.Actor(team.Owner), x.ID, []team.MemberID{h.Members[team.Contributor].ID}))
		h.as(team.Contributor).get(at).hides(t, "a contributor", "Per quali legami")
	})
}
