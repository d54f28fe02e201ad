package link

import (
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/jpeg" // logos come as photographs, too
	"image/png"
	"net/url"
	"strings"

	"golang.org/x/image/draw"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Settings are what a company decides about its links.
type Settings struct {
	Domain   string // an address of the company's own that leads to this house, as https://go.example.it; "": that of the house
	KeepDays int    // for how long single visits are kept
	Logo     []byte // for the middle of QR codes, as PNG; nil: none
}

// Bounds of settings.
const (
	keepUsual = 400
	keepLeast = 30
	keepMost  = 1100
	maxLogo   = 2 << 20 // bytes, as it comes
	logoSide  = 256     // pixels, as it is kept
	logoMost  = 4000    // pixels on a side, as it comes
)

// Settings gives what a company has decided. It needs LinksRead.
func (l *Links) Settings(ctx context.Context, actor team.Actor) (Settings, error) {
	if err := actor.May(team.LinksRead); err != nil {
		return Settings{}, err
	}
	s, err := l.settings(ctx, actor.Company)
	if err != nil {
		return s, fmt.Errorf("link.Settings: %w", err)
	}
	return s, nil
}

// SettingsIn changes settings.
type SettingsIn struct {
	Domain   string
	KeepDays int
	Logo     []byte // a picture, PNG or JPEG; nil: the one that is there stays
	NoLogo   bool   // takes it away
}

// ChangeSettings changes them. It needs LinksManage.
func (l *Links) ChangeSettings(ctx context.Context, actor team.Actor, in SettingsIn) (s Settings, err error) {
	if err := actor.May(team.LinksManage); err != nil {
		return s, err
	}
	var wrong fields
	domain, ok := cleanDomain(in.Domain)
	if !ok {
		wrong.bad("domain", "link.domain.wrong", nil)
	}
	if in.KeepDays < keepLeast || in.KeepDays > keepMost {
		wrong.bad("keep", "link.keep.wrong", map[string]any{"min": keepLeast, "max": keepMost})
	}
	var logo []byte
	if len(in.Logo) > 0 {
		if logo, err = cleanLogo(in.Logo); err != nil {
			wrong.bad("logo", "link.logo.wrong", map[string]any{"mb": maxLogo >> 20})
		}
	}
	if err := fault.InvalidFields(wrong...); err != nil {
		return s, fmt.Errorf("link.ChangeSettings: %w", err)
	}
	err = l.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if s, err = l.settings(ctx, actor.Company); err != nil {
			return err
		}
		s.Domain, s.KeepDays = domain, in.KeepDays
		switch {
		case in.NoLogo:
			s.Logo = nil
		case logo != nil:
			s.Logo = logo
		}
		if err := l.saveSettings(ctx, tx, actor.Company, s); err != nil {
			return err
		}
		return l.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: "link.settings", ObjectKind: "company", ObjectID: string(actor.Company), Detail: map[string]string{"domain": s.Domain}})
	})
	if err != nil {
		return Settings{}, fmt.Errorf("link.ChangeSettings: %w", err)
	}
	return s, nil
}

// cleanDomain gives an address as it is kept: scheme and host.
func cleanDomain(s string) (string, bool) {
	s = strings.TrimRight(strings.ToLower(strings.TrimSpace(s)), "/")
	if s == "" {
		return "", true
	}
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || len(s) > 200 {
		return "", false
	}
	clean, bad := cleanTarget(s)
	return clean, bad == ""
}

// cleanLogo draws a picture anew, small, so that nothing of it is kept but what is seen.
func cleanLogo(raw []byte) ([]byte, error) {
	wrong := fault.New(fault.Invalid, "link.logo.wrong")
	if len(raw) > maxLogo {
		return nil, wrong
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || head.Width < 1 || head.Height < 1 || head.Width > logoMost || head.Height > logoMost {
		return nil, wrong
	}
	from, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, wrong
	}
	w, h := head.Width, head.Height
	if m := max(w, h); m > logoSide {
		w, h = max(w*logoSide/m, 1), max(h*logoSide/m, 1)
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(to, to.Bounds(), from, from.Bounds(), draw.Over, nil)
	var b bytes.Buffer
	if err := png.Encode(&b, to); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Address is the address of a link as it stands on paper.
func (l *Links) Address(ctx context.Context, x Link) (string, error) {
	s, err := l.settings(ctx, x.Company)
	if err != nil {
		return "", fmt.Errorf("link.Address: %w", err)
	}
	return l.address(s, x.Code), nil
}

// Base is what stands before the codes of a company: https://go.example.it/l/.
func (l *Links) Base(ctx context.Context, c team.CompanyID) (string, error) {
	s, err := l.settings(ctx, c)
	if err != nil {
		return "", fmt.Errorf("link.Base: %w", err)
	}
	return l.address(s, ""), nil
}

// Path is where links are opened; the code follows.
const Path = "/l/"

// PathQR is the same in capitals, as QR codes carry it: so they are smaller, and tell themselves apart from what is typed.
const PathQR = "/L/"

func (l *Links) address(s Settings, code string) string {
	base := s.Domain
	if base == "" {
		base = l.rooms.BaseURL()
	}
	return base + Path + code
}
