package post

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/adapt"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/writing"
)

// LinkTrouble is why a link does not answer. It is stored in the database.
type LinkTrouble string

// The troubles. A server that answers, but not to us (401, 403, 429), is none.
const (
	LinkGone    LinkTrouble = "gone"    // there is no such page: 404, 410
	LinkNowhere LinkTrouble = "nowhere" // its name leads nowhere
	LinkSilent  LinkTrouble = "silent"  // no answer in time
	LinkClosed  LinkTrouble = "closed"  // no connection, or none that can be trusted
	LinkFailing LinkTrouble = "failing" // the server fails: 500 and above
	LinkLoop    LinkTrouble = "loop"    // it sends on and on, or where nobody should follow
	LinkInside  LinkTrouble = "inside"  // it leads into a private network
)

// Link is what was learned of an address.
type Link struct {
	Address     string
	AskedAt     time.Time
	ReadAt      time.Time // zero: not yet
	Trouble     LinkTrouble
	Title       string
	Description string
	Picture     media.ID // "" without
}

// Shown is what a card shows beside its address, as the page told it. It is stored in the database.
type Shown struct {
	Title       string
	Description string
	Picture     media.ID    // "" without
	Form        *media.Form // of the picture; nil: as it is kept
}

// How links are asked about.
const (
	askAgain    = 5 * time.Minute // a link is not asked for again sooner
	learnWait   = 3 * time.Second // for links that nobody has read yet when a post is frozen
	learnNow    = 8 * time.Second // when it goes out at once: its card has no other chance
	learnMany   = 20 * time.Second
	learnAtOnce = 4
	forgetLinks = 90 * 24 * time.Hour
	mostLinks   = 10               // of one post
	maxAddress  = 1000             // bytes
	linkWait    = 20 * time.Second // nobody waits for it
	mostThumb   = 8 << 20          // bytes of a card's picture as it comes
	thumbSide   = 1200             // pixels, of what goes out
	thumbBytes  = 900_000
	linkAdvice  = writing.Kind("link")
)

// linkJob asks for a link.
type linkJob struct {
	Company team.CompanyID `json:"company" river:"unique"`
	Address string         `json:"address" river:"unique"`
}

func (linkJob) Kind() string { return "post.link" }

// linksOf gives the addresses in a content that can be asked for, each once.
func linksOf(w Written, footer string) (all []string) {
	texts := []string{w.Message.Text, w.Message.FirstComment}
	for _, ch := range sortedKeys(w.Own) {
		texts = append(texts, w.Own[ch].Text, w.Own[ch].FirstComment)
	}
	for _, t := range append(texts, footer) {
		for _, l := range adapt.Links(t) {
			if len(all) < mostLinks && len(l.Address) <= maxAddress && l.Whole() && !slices.Contains(all, l.Address) {
				all = append(all, l.Address)
			}
		}
	}
	return all
}

// asks tells whether a company's links are asked for: of the sample company nothing leaves the house.
func (p *Posts) asks(c team.Company) bool {
	return p.rooms.HTTP != nil && p.rooms.Queue != nil && !c.Sample
}

// askLinks has the links of a content asked for that were not lately. Nothing waits for the answer.
func (p *Posts) askLinks(ctx context.Context, tx *store.Tx, c team.CompanyID, w Written) error {
	if p.rooms.HTTP == nil || p.rooms.Queue == nil {
		return nil
	}
	footer, err := p.footer(ctx, c, w.Message)
	if err != nil {
		return err
	}
	all := linksOf(w, footer)
	if len(all) == 0 {
		return nil
	}
	company, err := p.rooms.Team.Company(ctx, c)
	if err != nil || !p.asks(company) {
		return err
	}
	known, err := p.links(ctx, c, all)
	if err != nil {
		return err
	}
	now := p.rooms.Clock.Now()
	for _, address := range all {
		if l, ok := known[address]; ok && now.Sub(l.AskedAt) < askAgain {
			continue
		}
		if err := p.askedLink(ctx, tx, c, address, now); err != nil {
			return err
		}
		if err := p.rooms.Queue.Add(ctx, tx, linkJob{Company: c, Address: address}, queue.Options{Line: queue.Quick, MaxAttempts: 3, Unique: true}); err != nil {
			return err
		}
	}
	return nil
}

// ReadLink asks for a link that somebody wrote, keeps whether it answers and what its page says about itself, and tells open browsers.
// What was learned since it was last asked for is not asked for again. Posts whose words were frozen before anything was known get their
// cards.
func (p *Posts) ReadLink(ctx context.Context, c team.CompanyID, address string) error {
	known, err := p.links(ctx, c, []string{address})
	if err != nil {
		return fmt.Errorf("post.ReadLink: %w", err)
	}
	l, ok := known[address]
	before := l
	if !ok || !l.ReadAt.Before(l.AskedAt) && !l.ReadAt.IsZero() || p.rooms.HTTP == nil {
		return nil
	}
	p.visit(ctx, c, &l)
	if ctx.Err() != nil { // the house is shutting down: that says nothing of the link
		return fmt.Errorf("post.ReadLink: %w", ctx.Err())
	}
	l.ReadAt = p.rooms.Clock.Now()
	err = p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := p.alone(ctx, tx, c); err != nil {
			return err
		}
		if err := p.saveLink(ctx, tx, c, l); err != nil {
			return err
		}
		if before.Picture != l.Picture {
			if err := p.dropThumb(ctx, c, before.Picture); err != nil {
				return err
			}
		}
		if l.says() && !before.says() {
			if err := p.fillCards(ctx, tx, c, l.Address); err != nil {
				return err
			}
		}
		return p.rooms.Live.Tell(ctx, tx, live.Event{Company: string(c), Topic: live.Links})
	})
	if err != nil {
		return fmt.Errorf("post.ReadLink: %w", err)
	}
	return nil
}

// visit asks for a link and writes what it says into l. What it said before stays while it does not answer.
func (p *Posts) visit(ctx context.Context, c team.CompanyID, l *Link) {
	wait := p.rooms.LinkWait
	if wait == 0 {
		wait = linkWait
	}
	visit, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	page, err := fetch.ReadPage(visit, p.rooms.HTTP, l.Address)
	if l.Trouble = troubleOf(err); err != nil {
		p.rooms.Log.Debug("post: a link", "trouble", l.Trouble, "error", err)
		return
	}
	l.Title, l.Description = page.Title, page.Description
	if page.Image == "" {
		l.Picture = ""
		return
	}
	f, err := p.thumb(ctx, c, page.Image, page.Title, wait)
	if err != nil {
		p.rooms.Log.Debug("post: the picture of a link", "error", err)
		l.Picture = "" // a card without a picture is a card
		return
	}
	if l.Picture != "" {
		if old, err := p.rooms.Media.Get(ctx, string(c), l.Picture); err == nil && old.SHA256 == f.SHA256 {
			_ = p.rooms.Media.Delete(ctx, string(c), f.ID) // the same as before; what stays is one file too many
			return
		}
	}
	l.Picture = f.ID
}

// thumb brings in the picture that a page names.
func (p *Posts) thumb(ctx context.Context, c team.CompanyID, address, alt string, wait time.Duration) (media.File, error) {
	visit, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	req, err := http.NewRequestWithContext(visit, http.MethodGet, address, nil)
	if err != nil {
		return media.File{}, err
	}
	req.Header.Set("Accept", "image/jpeg,image/png,image/webp,image/gif")
	res, err := p.rooms.HTTP.Do(req)
	if err != nil {
		return media.File{}, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return media.File{}, &fetch.StatusError{Host: req.URL.Hostname(), Status: res.StatusCode}
	}
	return p.rooms.Media.Add(ctx, media.Incoming{Company: string(c), Name: path.Base(req.URL.Path), Alt: alt, Body: res.Body, MaxBytes: mostThumb})
}

// troubleOf reads why a link did not answer.
func troubleOf(err error) LinkTrouble {
	var status *fetch.StatusError
	var inside *fetch.InsideError
	var name *net.DNSError
	var slow net.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &status):
		switch {
		case status.Status == http.StatusNotFound || status.Status == http.StatusGone:
			return LinkGone
		case status.Status >= 500:
			return LinkFailing
		}
		return "" // it is there, and does not want to be read by us
	case errors.As(err, &inside):
		return LinkInside
	case errors.Is(err, fetch.ErrRedirects), errors.Is(err, fetch.ErrDowngrade), errors.Is(err, fetch.ErrScheme):
		return LinkLoop
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return LinkSilent
	case errors.As(err, &name) && !name.IsTimeout:
		return LinkNowhere
	case errors.As(err, &slow) && slow.Timeout():
		return LinkSilent
	}
	return LinkClosed
}

// linkWarnings says which links of a text do not answer, where they stand.
func linkWarnings(text string, known map[string]Link) (all []writing.Advice) {
	said := map[string]bool{}
	for _, l := range adapt.Links(text) {
		k, ok := known[l.Address]
		if !ok || k.Trouble == "" || said[l.Address] {
			continue
		}
		said[l.Address] = true
		all = append(all, writing.Advice{
			Kind: linkAdvice, Level: writing.Careful, Key: "post.link." + string(k.Trouble), Args: map[string]any{"link": briefly(l.Address)}, Start: l.Start, End: l.End,
		})
	}
	return all
}

// briefly shows an address so that people recognise it.
func briefly(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	s := strings.TrimSuffix(u.Host+u.Path, "/")
	if rs := []rune(s); len(rs) > 60 {
		s = string(rs[:59]) + "…"
	}
	return s
}

// gatherLinks finds what is known of the links of a content, with the pictures of their cards.
func (p *Posts) gatherLinks(ctx context.Context, c team.CompanyID, f *fitter, w Written) error {
	if !p.asks(f.company) {
		return nil
	}
	all := linksOf(w, f.footer)
	known, err := p.links(ctx, c, all)
	if err != nil {
		return err
	}
	for _, address := range all {
		l := known[address]
		l.Address = address
		f.links = append(f.links, l)
		if l.Picture == "" {
			continue
		}
		file, err := p.rooms.Media.Get(ctx, string(c), l.Picture)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		if err == nil {
			f.thumbs[l.Picture] = file
		}
	}
	return nil
}

// card gives what the card of an address shows, and what is to be said when that is little.
func (f *fitter) card(address string, t adapt.Target) (*Shown, *adapt.Note) {
	for _, l := range f.links {
		if goes(t, l.Address) != address {
			continue
		}
		note := func(key string) *adapt.Note {
			return &adapt.Note{Level: adapt.Hint, Key: key, Args: map[string]any{"link": briefly(l.Address)}, Part: -1, Media: -1}
		}
		if l.ReadAt.IsZero() {
			return nil, note("post.card.waiting")
		}
		if !l.says() {
			if l.Trouble != "" {
				return nil, note("post.card.failed")
			}
			return nil, note("post.card.bare")
		}
		s := &Shown{Title: l.Title, Description: l.Description}
		if file, ok := f.thumbs[l.Picture]; ok {
			s.Picture, s.Form = l.Picture, thumbForm(file)
		}
		return s, nil
	}
	return nil, nil
}

// thumbForm is the form in which a card's picture goes out.
func thumbForm(f media.File) *media.Form {
	if f.Width <= 0 || f.Height <= 0 {
		return nil
	}
	w, h := f.Width, f.Height
	if long := max(w, h); long > thumbSide {
		w, h = max(w*thumbSide/long, 1), max(h*thumbSide/long, 1)
	}
	if f.MIME == "image/jpeg" && w == f.Width && f.Bytes <= thumbBytes {
		return nil
	}
	return &media.Form{Width: w, Height: h, MIME: "image/jpeg", Bytes: thumbBytes}
}
