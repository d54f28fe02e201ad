package public

import (
	"context"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/adapt"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/public/view"
	"github.com/ponte-desk/ponte/internal/team"
	desk "github.com/ponte-desk/ponte/internal/web/view"
)

// Posts is what the door asks of the room post.
type Posts interface {
	ReadGuest(ctx context.Context, token string) (post.GuestView, error)
	DecideGuest(ctx context.Context, token string, in post.GuestDecision) error
	GuestMedia(ctx context.Context, token string, file media.ID) (team.CompanyID, media.File, error)
}

// Files opens the files of a post.
type Files interface {
	Open(ctx context.Context, company string, id media.ID, size media.Size) (media.Content, error)
}

func (p *Public) guestRoutes() {
	p.add("GET "+view.PathGuest+"{token}", p.showGuest)
	p.add("POST "+view.PathGuest+"{token}", p.decideGuest)
	p.add("GET "+view.PathGuest+"{token}/{file}", p.guestFile)
}

// guestView reads what a link to a post shows. The link is for one person: nothing of it is kept by others.
func (p *Public) guestView(rw http.ResponseWriter, r *http.Request, v *visit) (post.GuestView, error) {
	h := rw.Header()
	h.Set("X-Robots-Tag", "noindex")
	h.Add("Vary", "Accept-Language")
	if err := p.looking.take(v.remote); err != nil {
		return post.GuestView{}, err
	}
	g, err := p.rooms.Posts.ReadGuest(r.Context(), r.PathValue("token"))
	if err != nil {
		return g, guestFault(err)
	}
	v.company = g.Company
	if r.URL.Query().Get("lang") == "" {
		p.speak(v, r, "") // the company's language when the reader's is not known
	}
	return g, nil
}

// guestFault says why a link shows nothing: it never was, it is over, it was withdrawn.
func guestFault(err error) error {
	e := fault.Of(err)
	if e.Kind != fault.NotFound {
		return err
	}
	switch e.Key {
	case "post.guest.over":
		return errGuestOver.Because(err)
	case "post.guest.withdrawn":
		return errGuestWithdrawn.Because(err)
	}
	return errGuest.Because(err)
}

func (p *Public) showGuest(rw http.ResponseWriter, r *http.Request, v *visit) error {
	g, err := p.guestView(rw, r, v)
	if err != nil {
		return err
	}
	page, x := p.guest(r, v, g)
	p.write(rw, r, http.StatusOK, view.GuestPage(page, x))
	return nil
}

// guest lays a post out for who holds the link.
func (p *Public) guest(r *http.Request, v *visit, g post.GuestView) (view.Page, view.Guest) {
	page, words, now := p.page(r, v), v.words, p.rooms.Clock.Now()
	zone := g.Company.Location()
	moment := func(t time.Time) string { return words.Moment(t.In(zone), now.In(zone)) }
	x := view.Guest{
		Action: r.URL.EscapedPath() + "?lang=" + v.lang, Title: words.T("guestpage.title", "name", g.Guest.Name), Hash: g.Hash,
		Lede: words.T("guestpage.lede", "host", g.Host, "company", g.Company.Name), Until: words.T("guestpage.until", "host", g.Host, "moment", moment(g.Guest.ExpiresAt)),
	}
	if !g.DueAt.IsZero() && g.DueAt.After(now) {
		x.When = words.T("guestpage.when", "moment", moment(g.DueAt))
	}
	if d := g.Decision; d != nil {
		key := "guestpage.said.no"
		x.SaidIcon = "undo"
		if d.Yes {
			key, x.SaidIcon = "guestpage.said.yes", "check"
		}
		x.Said = words.T(key, "moment", moment(d.At))
		if d.Words != "" {
			x.Said += " «" + d.Words + "»"
		}
		if !d.Valid {
			x.Said += " " + words.T("guestpage.said.changed")
		}
	}
	switch {
	case !g.Guest.UsedAt.IsZero():
		x.Closed = words.T("guestpage.closed.used", "host", g.Host)
	case !g.Waits:
		x.Closed = words.T("guestpage.closed.other", "host", g.Host)
	}
	base := r.URL.EscapedPath() + "/"
	for _, one := range g.Variants {
		x.Previews.Previews = append(x.Previews.Previews, guestPreview(page, one, g.Files, base))
	}
	x.Previews.Empty = words.T("guestpage.empty")
	page.Title, page.Index = x.Title, false
	page.Other = r.URL.EscapedPath() + "?lang=" + other(v.lang)
	page.Sheets = []string{"pages.css", "post.css", "plan.css"}
	return page, x
}

// guestPreview is one channel's form of the post, all of it: nothing is folded away from who is to judge it.
func guestPreview(page view.Page, one post.GuestVariant, files map[media.ID]media.File, base string) desk.PostPreview {
	ch := one.Channel
	name := ch.Name
	if name == "" {
		name = ch.Handle
	}
	out := desk.PostPreview{
		ID: string(ch.ID), Net: string(ch.Network), Label: desk.NetLabel(ch.Network), Layout: desk.PostLayout(ch.Network), Name: name, Handle: desk.PostHandle(ch),
	}
	unit := adapt.RulesOf(adapt.Network(ch.Network)).FacetUnit
	for _, c := range one.Contents {
		part := desk.PostPart{Title: c.Title, Warning: c.Warning, Text: desk.PostPieces(c.Text, c.Facets, unit)}
		part.Card = desk.PostCardOf(c, base, "")
		for _, m := range c.Media {
			f := files[media.ID(m.MediaID)]
			if strings.HasPrefix(f.MIME, "video/") {
				alt := m.Alt
				if alt == "" {
					alt = f.Name
				}
				part.Files = append(part.Files, desk.PostImage{Film: true, Play: base + m.MediaID, Alt: alt})
				continue
			}
			part.Files = append(part.Files, desk.PostImage{Src: base + m.MediaID, Alt: m.Alt, Focus: desk.PostFocus(m.FocusX, m.FocusY), Crop: desk.PostCropOf(f, m.Form)})
		}
		if c.Comment {
			out.Comment = append(out.Comment, part)
			continue
		}
		used, limit := adapt.Measure(adapt.Network(ch.Network), c.Text, ch.Limits.Characters)
		part.Count.Used = page.Words.Number(used)
		if limit > 0 {
			part.Count.Of = page.T("guestpage.of", "limit", page.Words.Number(limit))
		}
		out.Parts = append(out.Parts, part)
	}
	return out
}

// decideGuest keeps what the guest says: once, and about what they saw.
func (p *Public) decideGuest(rw http.ResponseWriter, r *http.Request, v *visit) error {
	g, err := p.guestView(rw, r, v)
	if err != nil {
		return err
	}
	say, in := r.PostFormValue("say"), post.GuestDecision{Words: r.PostFormValue("words"), Hash: r.PostFormValue("hash")}
	in.Yes = say == "yes"
	err = p.telling.take(v.remote)
	switch {
	case err != nil:
	case say != "yes" && say != "no":
		err = fault.New(fault.Invalid, "guestpage.choose")
	default:
		err = p.rooms.Posts.DecideGuest(r.Context(), r.PathValue("token"), in)
	}
	k := fault.KindOf(err)
	switch k {
	case "":
		http.Redirect(rw, r, r.URL.EscapedPath()+"?lang="+v.lang, http.StatusSeeOther)
		return nil
	case fault.Invalid, fault.Limited, fault.Conflict:
		v.err = err
		if k == fault.Conflict { // it has changed, or somebody else was faster: as it is now
			if g, err = p.rooms.Posts.ReadGuest(r.Context(), r.PathValue("token")); err != nil {
				return guestFault(err)
			}
		}
		page, x := p.guest(r, v, g)
		x.Typed = in.Words
		x.Error, x.Remedy = p.wrong(v, v.err)
		if e := fault.Of(v.err); len(e.Fields) > 0 && e.Fields[0].Name == "words" {
			x.WordsBad, x.Error, x.Remedy = x.Error, "", ""
		}
		p.write(rw, r, statusOf(k), view.GuestPage(page, x))
		return nil
	}
	return guestFault(err)
}

// guestFile gives a picture or a film of the post that the link shows.
func (p *Public) guestFile(rw http.ResponseWriter, r *http.Request, v *visit) error {
	if err := p.viewing.take(v.remote); err != nil {
		return err
	}
	id, err := media.ParseID(r.PathValue("file"))
	if err != nil {
		return errMissing.Because(err)
	}
	c, f, err := p.rooms.Posts.GuestMedia(r.Context(), r.PathValue("token"), id)
	if err != nil {
		return guestFault(err)
	}
	size := media.Whole
	if strings.HasPrefix(f.MIME, "image/") {
		size = media.Large
	}
	content, err := p.rooms.Files.Open(r.Context(), string(c), id, size)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // only read from
	h := rw.Header()
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Content-Type", content.MIME)
	how := "attachment"
	if strings.HasPrefix(content.MIME, "image/") && content.MIME != "image/svg+xml" || strings.HasPrefix(content.MIME, "video/") {
		how = "inline"
	}
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": f.Name}))
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("ETag", strconv.Quote(f.SHA256))
	http.ServeContent(rw, r, "", time.Time{}, content)
	return nil
}
