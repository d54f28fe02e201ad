package signin

import (
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/team"
)

func (b *bed) code(t *testing.T, secret string) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, b.Clock.Now())
	ok(t, "code", err)
	return c
}

// enrol turns the second factor on.
func (b *bed) enrol(t *testing.T, m team.Member) (TOTPSetup, []string) {
	t.Helper()
	a := m.Actor(team.ViaScreen)
	setup, err := b.BeginTOTP(t.Context(), a)
	ok(t, "beginning", err)
	codes, err := b.ConfirmTOTP(t.Context(), a, b.code(t, setup.Secret))
	ok(t, "confirming", err)
	return setup, codes
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		m := b.give(t, team.Community)
		a := m.Actor(team.ViaScreen)
		_, err := b.ConfirmTOTP(ctx, a, "123456")
		want(t, "confirming nothing", err, ErrFactorOff)
		first, err := b.BeginTOTP(ctx, a)
		ok(t, "beginning", err)
		if out := b.mustIn(t, m, home); out.NeedsCode {
			t.Error("an unconfirmed factor counts")
		}
		setup, err := b.BeginTOTP(ctx, a)
		ok(t, "beginning again", err)
		if first.Secret == setup.Secret {
			t.Error("the same secret")
		}
		_, err = b.ConfirmTOTP(ctx, a, b.code(t, first.Secret))
		want(t, "a code of the first secret", err, ErrCode)
		used := b.code(t, setup.Secret)
		codes, err := b.ConfirmTOTP(ctx, a, used)
		ok(t, "confirming", err)
		if len(codes) != 10 {
			t.Error(codes)
		}
		_, err = b.BeginTOTP(ctx, a)
		want(t, "a second one", err, ErrFactorOn)

		out, err := b.in(m, secret, home)
		ok(t, "first step", err)
		if !out.NeedsCode || out.Ticket == "" || out.Token != "" {
			t.Fatalf("%+v", out)
		}
		step := func(ticket, code string) (SignInOut, error) {
			return b.SignIn(ctx, SignInIn{Ticket: ticket, Code: code, Visitor: home})
		}
		_, err = step(out.Ticket, used)
		want(t, "the code of the confirmation", err, ErrCode)
		_, err = step(out.Ticket, "000000x")
		want(t, "nonsense", err, ErrCode)
		_, err = step(out.Ticket, "")
		want(t, "no code", err, ErrCode)
		b.Clock.Advance(30 * time.Second)
		code := b.code(t, setup.Secret)
		done, err := step(out.Ticket, code[:3]+" "+code[3:])
		ok(t, "second step", err)
		if _, _, err := b.ByToken(ctx, done.Token); err != nil {
			t.Error(err)
		}
		_, err = step(out.Ticket, code)
		want(t, "a used ticket", err, ErrSignedOut)
		_, err = b.SignIn(ctx, SignInIn{Email: m.Email, Password: secret, Code: code, Visitor: home})
		want(t, "a used code", err, ErrCode)
		// A code of the step before the one that was used is no good either.
		b.Clock.Advance(-30 * time.Second)
		_, err = b.SignIn(ctx, SignInIn{Email: m.Email, Password: secret, Code: b.code(t, setup.Secret), Visitor: home})
		want(t, "an older code", err, ErrCode)
		b.Clock.Advance(2 * time.Minute)
		late := b.code(t, setup.Secret)
		b.Clock.Advance(30 * time.Second)
		_, err = b.SignIn(ctx, SignInIn{Email: m.Email, Password: secret, Code: late, Visitor: home})
		ok(t, "one step late, all at once", err)
		b.Clock.Advance(2 * time.Minute)
		late = b.code(t, setup.Secret)
		b.Clock.Advance(time.Minute)
		_, err = b.SignIn(ctx, SignInIn{Email: m.Email, Password: secret, Code: late, Visitor: home})
		want(t, "two steps late", err, ErrCode)

		out, err = b.in(m, secret, home)
		ok(t, "first step", err)
		b.Clock.Advance(ticketLife)
		_, err = step(out.Ticket, b.code(t, setup.Secret))
		want(t, "an old ticket", err, ErrSignedOut)
		_, err = step("guess", b.code(t, setup.Secret))
		want(t, "a guessed ticket", err, ErrSignedOut)
	})
}

func TestACodeWorksOnceEvenAtTheSameMoment(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		m := b.give(t, team.Community)
		setup, codes := b.enrol(t, m)
		b.Clock.Advance(time.Minute)
		for _, code := range []string{b.code(t, setup.Secret), codes[0]} {
			var wg sync.WaitGroup
			var mu sync.Mutex
			in := 0
			for i := range 4 {
				wg.Go(func() {
					_, err := b.SignIn(t.Context(), SignInIn{Email: m.Email, Password: secret, Code: code, Visitor: address(i)})
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						in++
					} else if !errors.Is(err, ErrCode) {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if in != 1 {
				t.Errorf("%d got in", in)
			}
		}
	})
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		m := b.give(t, team.Community)
		a := m.Actor(team.ViaScreen)
		_, err := b.NewRecoveryCodes(ctx, a, secret)
		want(t, "without a second factor", err, ErrFactorOff)
		_, codes := b.enrol(t, m)
		seen := map[string]bool{}
		for _, c := range codes {
			seen[c] = true
		}
		if len(seen) != 10 {
			t.Error("not ten different codes")
		}
		in := func(code string) error {
			_, err := b.SignIn(ctx, SignInIn{Email: m.Email, Password: secret, Code: code, Visitor: home})
			return err
		}
		ok(t, "one", in(codes[3]))
		want(t, "the same", in(codes[3]), ErrCode)
		ok(t, "typed in capitals with blanks", in(" "+strings.ToUpper(strings.ReplaceAll(codes[4], "-", " "))))
		if f, err := b.Factor(ctx, a); err != nil || !f.On || f.Codes != 8 {
			t.Error(f, err)
		}
		_, err = b.NewRecoveryCodes(ctx, a, "not the password")
		want(t, "renewing without the password", err, ErrWrong)
		fresh, err := b.NewRecoveryCodes(ctx, a, secret)
		ok(t, "renewing", err)
		want(t, "an old code", in(codes[5]), ErrCode)
		ok(t, "a new code", in(fresh[5]))
		// A code is its member's alone.
		other := b.give(t, team.Editor)
		b.enrol(t, other)
		_, err = b.SignIn(ctx, SignInIn{Email: other.Email, Password: secret, Code: fresh[6], Visitor: home})
		want(t, "another member's code", err, ErrCode)
		if v := b.verbs(t); v["signin.recovery.used"] != 3 || v["signin.factor.on"] != 2 || v["signin.recovery.renewed"] != 1 {
			t.Error(v)
		}
	})
}

func TestTheSecondFactorGoesOff(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		m := b.give(t, team.Community)
		a := m.Actor(team.ViaScreen)
		b.enrol(t, m)
		want(t, "without the password", b.DisableTOTP(ctx, a, "not the password"), ErrWrong)
		in := team.ChangeCompanyIn{Name: "Ceramiche Arno", Zone: "Europe/Rome", Locale: "it", Settings: team.DefaultSettings()}
		in.Settings.TwoFactor = true
		_, err := b.Team.ChangeCompany(ctx, b.Actors[team.Owner], in)
		ok(t, "the company wants it", err)
		if err := b.DisableTOTP(ctx, a, secret); fault.Of(err) == nil || fault.Of(err).Key != "signin.factor.wanted" {
			t.Error(err)
		}
		// Who has none is led to it.
		bare := b.give(t, team.Editor)
		out := b.mustIn(t, bare, home)
		if _, ses, err := b.ByToken(ctx, out.Token); err != nil || !ses.NeedsFactor {
			t.Error(ses, err)
		}
		b.enrol(t, bare)
		if _, ses, err := b.ByToken(ctx, out.Token); err != nil || ses.NeedsFactor {
			t.Error(ses, err)
		}
		in.Settings.TwoFactor = false
		_, err = b.Team.ChangeCompany(ctx, b.Actors[team.Owner], in)
		ok(t, "the company wants it no more", err)
		ok(t, "off", b.DisableTOTP(ctx, a, secret))
		want(t, "off twice", b.DisableTOTP(ctx, a, secret), ErrFactorOff)
		if out := b.mustIn(t, m, home); out.NeedsCode {
			t.Error("a code is asked for")
		}
		// Phone and codes lost: the link of an owner takes the factor off too, when asked.
		for drop, needs := range map[bool]bool{true: false, false: true} {
			if out := b.mustIn(t, m, home); !out.NeedsCode {
				b.enrol(t, m)
			}
			link, err := b.Reset(ctx, b.Actors[team.Owner], ResetIn{Member: m.ID, DropFactor: drop})
			ok(t, "link", err)
			_, err = b.UseLink(ctx, UseLinkIn{Token: link, Password: secret})
			ok(t, "using it", err)
			if out := b.mustIn(t, m, home); out.NeedsCode != needs {
				t.Errorf("dropping %v leaves %v", drop, out.NeedsCode)
			}
		}
	})
}

// Knowing the password does not buy free guesses at the code.
func TestCodesAreLimited(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		m := b.give(t, team.Community)
		b.enrol(t, m)
		looked := 0
		for range 40 {
			out, err := b.in(m, secret, afar)
			if fault.KindOf(err) == fault.Limited {
				continue
			}
			ok(t, "first step", err)
			if _, err = b.SignIn(t.Context(), SignInIn{Ticket: out.Ticket, Code: "000000", Visitor: afar}); errors.Is(err, ErrCode) {
				looked++
			}
		}
		if looked != 10 {
			t.Error(looked, "codes were looked at")
		}
		a := b.Members[team.Editor].Actor(team.ViaScreen)
		_, err := b.BeginTOTP(t.Context(), a)
		ok(t, "beginning", err)
		looked = 0
		for range 20 {
			if _, err := b.ConfirmTOTP(t.Context(), a, "000000"); errors.Is(err, ErrCode) {
				looked++
			}
		}
		if looked != 5 {
			t.Error(looked, "confirmations were looked at")
		}
	})
}

func TestWhatTheAppGets(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		setup, err := b.BeginTOTP(t.Context(), b.Actors[team.Editor])
		ok(t, "beginning", err)
		k, err := otp.NewKeyFromURL(setup.URL)
		ok(t, "reading the URL", err)
		if k.Type() != "totp" || k.Secret() != setup.Secret || k.Issuer() != "Ponte Ceramiche Arno" || k.AccountName() != b.Members[team.Editor].Email {
			t.Error(setup.URL)
		}
		if u, err := url.Parse(setup.URL); err != nil || strings.Contains(u.RawQuery, "+") {
			t.Error(u, err)
		}
		d := xml.NewDecoder(strings.NewReader(setup.QR))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if strings.Count(setup.QR, "h1v1h-1z") < 300 || strings.Contains(setup.QR, "style") {
			t.Error(setup.QR)
		}
		f, err := b.readFactor(t.Context(), b.Company.ID, b.Members[team.Editor].ID)
		if err != nil || strings.Contains(f.secret, setup.Secret) || !strings.HasPrefix(f.secret, "p1.") {
			t.Error("the secret is not sealed", err)
		}
	})
}
