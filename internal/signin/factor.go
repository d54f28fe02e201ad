package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp/totp"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// The second factor: time-based codes of six digits, SHA-1, every 30 seconds (RFC 6238), one step early or late.
const (
	stepSeconds   = 30
	secretBytes   = 20
	recoveryCodes = 10
)

// factor is what is kept of a member's second factor; the zero value is none.
type factor struct {
	secret    string // sealed
	confirmed time.Time
}

func (f factor) on() bool { return !f.confirmed.IsZero() }

// TOTPSetup is what an authenticator app needs. It is shown while the second factor is being set up, and never again.
type TOTPSetup struct {
	Secret string // base32, for typing
	URL    string // otpauth://
	QR     string // the URL as an SVG image, black on white with its quiet zone
}

// FactorState tells how a member's second factor stands.
type FactorState struct {
	On    bool
	Codes int // recovery codes left
}

// Factor tells how the actor's own second factor stands.
func (s *Signin) Factor(ctx context.Context, a team.Actor) (FactorState, error) {
	if err := a.Self(); err != nil {
		return FactorState{}, fmt.Errorf("signin.Factor: %w", err)
	}
	f, err := s.readFactor(ctx, a.Company, a.Member)
	if err != nil {
		return FactorState{}, fmt.Errorf("signin.Factor: %w", err)
	}
	n, err := s.countCodes(ctx, a.Company, a.Member)
	if err != nil {
		return FactorState{}, fmt.Errorf("signin.Factor: %w", err)
	}
	return FactorState{On: f.on(), Codes: n}, nil
}

func (s *Signin) place(c team.CompanyID, m team.MemberID) seal.Place {
	return seal.Place{Company: string(c), Row: string(m), Purpose: "member.totp"}
}

// BeginTOTP makes a fresh secret for the actor's authenticator app. It counts only once ConfirmTOTP has seen a code
// of it. Error: ErrFactorOn.
func (s *Signin) BeginTOTP(ctx context.Context, a team.Actor) (TOTPSetup, error) {
	out, err := s.beginTOTP(ctx, a)
	if err != nil {
		return TOTPSetup{}, fmt.Errorf("signin.BeginTOTP: %w", err)
	}
	return out, nil
}

func (s *Signin) beginTOTP(ctx context.Context, a team.Actor) (TOTPSetup, error) {
	if err := a.Self(); err != nil {
		return TOTPSetup{}, err
	}
	m, err := s.team.Member(ctx, a, a.Member)
	if err != nil {
		return TOTPSetup{}, err
	}
	c, err := s.team.Company(ctx, a.Company)
	if err != nil {
		return TOTPSetup{}, err
	}
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random(secretBytes))
	sealed, err := s.keys.Seal(s.place(a.Company, a.Member), []byte(secret))
	if err != nil {
		return TOTPSetup{}, err
	}
	err = s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		f, err := s.readFactor(ctx, a.Company, a.Member)
		if err != nil {
			return err
		}
		if f.on() {
			return ErrFactorOn
		}
		return s.putFactor(ctx, tx, a, sealed, s.clock.Now())
	})
	if err != nil {
		return TOTPSetup{}, err
	}
	issuer := s.issuer + " " + c.Name
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + m.Email}
	// The query is written by hand: apps read "+" as a plus sign.
	u.RawQuery = "secret=" + secret + "&issuer=" + strings.ReplaceAll(url.QueryEscape(issuer), "+", "%20")
	image, err := qrSVG(u.String())
	if err != nil {
		return TOTPSetup{}, err
	}
	return TOTPSetup{Secret: secret, URL: u.String(), QR: image}, nil
}

// ConfirmTOTP turns the second factor on, on a code of the secret that BeginTOTP gave, and gives ten recovery codes,
// shown this once. Errors: ErrCode, ErrFactorOff, ErrFactorOn.
func (s *Signin) ConfirmTOTP(ctx context.Context, a team.Actor, code string) (codes []string, err error) {
	err = s.guarded(ctx, a, func(ctx context.Context, tx *store.Tx) error {
		f, err := s.readFactor(ctx, a.Company, a.Member)
		if err != nil {
			return err
		}
		if f.secret == "" {
			return ErrFactorOff
		}
		if f.on() {
			return ErrFactorOn
		}
		step, err := s.stepOf(a.Company, a.Member, f, code)
		if err != nil {
			return err
		}
		if err := s.confirmFactor(ctx, tx, a, step, s.clock.Now()); err != nil {
			return err
		}
		if codes, err = s.newCodes(ctx, tx, a); err != nil {
			return err
		}
		return s.team.Audit(ctx, tx, a, team.Entry{Verb: "signin.factor.on", ObjectKind: "member", ObjectID: string(a.Member)})
	})
	if err != nil {
		return nil, fmt.Errorf("signin.ConfirmTOTP: %w", err)
	}
	return codes, nil
}

// DisableTOTP turns the second factor off; it wants the password. Errors: ErrWrong, ErrFactorOff, and Denied where the
// company wants a second factor of everybody.
func (s *Signin) DisableTOTP(ctx context.Context, a team.Actor, password string) error {
	err := s.withPassword(ctx, a, password, func(ctx context.Context, tx *store.Tx) error {
		c, err := s.team.Company(ctx, a.Company)
		if err != nil {
			return err
		}
		if c.Settings.TwoFactor {
			return fault.New(fault.Denied, "signin.factor.wanted")
		}
		f, err := s.readFactor(ctx, a.Company, a.Member)
		if err != nil {
			return err
		}
		if !f.on() {
			return ErrFactorOff
		}
		if err := s.dropFactor(ctx, tx, a.Company, a.Member); err != nil {
			return err
		}
		return s.team.Audit(ctx, tx, a, team.Entry{Verb: "signin.factor.off", ObjectKind: "member", ObjectID: string(a.Member)})
	})
	if err != nil {
		return fmt.Errorf("signin.DisableTOTP: %w", err)
	}
	return nil
}

// NewRecoveryCodes replaces the actor's recovery codes; it wants the password. Errors: ErrWrong, ErrFactorOff.
func (s *Signin) NewRecoveryCodes(ctx context.Context, a team.Actor, password string) (codes []string, err error) {
	err = s.withPassword(ctx, a, password, func(ctx context.Context, tx *store.Tx) error {
		f, err := s.readFactor(ctx, a.Company, a.Member)
		if err != nil {
			return err
		}
		if !f.on() {
			return ErrFactorOff
		}
		if codes, err = s.newCodes(ctx, tx, a); err != nil {
			return err
		}
		return s.team.Audit(ctx, tx, a, team.Entry{Verb: "signin.recovery.renewed", ObjectKind: "member", ObjectID: string(a.Member)})
	})
	if err != nil {
		return nil, fmt.Errorf("signin.NewRecoveryCodes: %w", err)
	}
	return codes, nil
}

func (s *Signin) newCodes(ctx context.Context, tx *store.Tx, a team.Actor) ([]string, error) {
	var codes, hashes []string
	for range recoveryCodes {
		c := strings.ToLower(rand.Text()[:16]) // 80 bits
		codes = append(codes, c[:4]+"-"+c[4:8]+"-"+c[8:12]+"-"+c[12:])
		hashes = append(hashes, key("rec", string(a.Member), c))
	}
	return codes, s.replaceCodes(ctx, tx, a, hashes)
}

// how a code was good.
const (
	codeTOTP     = "totp"
	codeRecovery = "recovery"
)

// useCode uses up a code of the authenticator app or a recovery code. Error: ErrCode.
func (s *Signin) useCode(ctx context.Context, tx *store.Tx, m team.Member, code string) (string, error) {
	f, err := s.readFactor(ctx, m.Company, m.ID)
	if err != nil {
		return "", err
	}
	if !f.on() {
		return "", ErrCode
	}
	code = strings.ToLower(letters(code))
	if len(code) == 6 {
		step, err := s.stepOf(m.Company, m.ID, f, code)
		if err != nil {
			return "", err
		}
		done, err := s.takeStep(ctx, tx, m, step)
		if err == nil && !done {
			err = ErrCode // used already
		}
		return codeTOTP, err
	}
	done, err := s.takeCode(ctx, tx, m, key("rec", string(m.ID), code), s.clock.Now())
	if err == nil && !done {
		err = ErrCode
	}
	return codeRecovery, err
}

// stepOf finds the time step to which a code belongs; takeStep tells whether it was used already. Error: ErrCode.
func (s *Signin) stepOf(c team.CompanyID, m team.MemberID, f factor, code string) (int64, error) {
	secret, err := s.keys.Unseal(s.place(c, m), f.secret)
	if err != nil {
		return 0, err
	}
	code = letters(code)
	now := s.clock.Now().Unix() / stepSeconds
	found := int64(0)
	for step := now - 1; step <= now+1; step++ {
		want, err := totp.GenerateCode(string(secret), time.Unix(step*stepSeconds, 0))
		if err != nil {
			return 0, err
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found = step
		}
	}
	if found == 0 {
		return 0, ErrCode
	}
	return found, nil
}

// guarded runs something that a secret guards in a transaction, counting wrong tries of the member. ErrCode and
// ErrWrong count.
func (s *Signin) guarded(ctx context.Context, a team.Actor, f func(context.Context, *store.Tx) error) error {
	if err := a.Self(); err != nil {
		return err
	}
	t, err := s.enter(ctx, []bucket{{key("inside", string(a.Member)), paceKnown}})
	if err != nil {
		return err
	}
	err = s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := f(ctx, tx); err != nil {
			return err
		}
		return s.leave(ctx, tx, t, true)
	})
	if err != nil && !errors.Is(err, ErrCode) && !errors.Is(err, ErrWrong) {
		return errors.Join(err, s.takeBack(ctx, t))
	}
	return err
}

// withPassword runs something in a transaction when the password is the actor's. Error: ErrWrong.
func (s *Signin) withPassword(ctx context.Context, a team.Actor, password string, f func(context.Context, *store.Tx) error) error {
	if err := a.Self(); err != nil {
		return err
	}
	t, err := s.enter(ctx, []bucket{{key("inside", string(a.Member)), paceKnown}})
	if err != nil {
		return err
	}
	hash, err := s.readPassword(ctx, a.Member)
	if err != nil {
		return err
	}
	ok, _, err := s.hasher.check(ctx, hash, password)
	if err != nil {
		return errors.Join(err, s.takeBack(ctx, t))
	}
	if !ok {
		return ErrWrong
	}
	if err := s.takeBack(ctx, t); err != nil {
		return err
	}
	return s.store.InTx(ctx, f)
}

// qrSVG draws a QR code (ISO/IEC 18004, level M) with a quiet zone of four modules.
func qrSVG(content string) (string, error) {
	c, err := qr.Encode(content, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("qr: %w", err)
	}
	n := c.Bounds().Dx()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`, n+8, n+8)
	fmt.Fprintf(&b, `<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, n+8, n+8)
	for y := range n {
		for x := range n {
			if r, _, _, _ := c.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String(), nil
}

// Factors tells which members of the actor's company have a second factor on. It needs MembersManage.
func (s *Signin) Factors(ctx context.Context, a team.Actor) (map[team.MemberID]bool, error) {
	if err := a.May(team.MembersManage); err != nil {
		return nil, fmt.Errorf("signin.Factors: %w", err)
	}
	on, err := s.readFactors(ctx, a.Company)
	if err != nil {
		return nil, fmt.Errorf("signin.Factors: %w", err)
	}
	return on, nil
}
