package networktest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/network"
)

// Uploads counts the files that were brought.
func (f *Fake) Uploads() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.uploads
}

// ForgetFiles throws away the files that stand in no message, as servers do after a while.
func (f *Fake) ForgetFiles() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.loose)
}

// fakeAttach is how many files a post on a Fake carries.
const fakeAttach = 4

// take is the way of a message's text and files to the server. old is the post that is edited, or nil.
func (f *Fake) take(ctx context.Context, m network.Outgoing, old *deed) ([]network.Media, []string, error) {
	if n := utf8.RuneCountInString(m.Text); n > f.opts.Characters {
		p := f.problem(network.Never, network.ProblemTooLong, nil)
		p.Args["used"], p.Args["max"] = n, f.opts.Characters
		return nil, nil, p
	}
	var media []network.Media
	var files []string
	for i, u := range m.Media {
		if i >= fakeAttach {
			return nil, nil, f.media(u, fmt.Errorf("%d files", len(m.Media)))
		}
		if u.RemoteID != "" {
			f.mu.Lock()
			at := -1
			if old != nil {
				at = slices.Index(old.files, u.RemoteID)
			}
			if at < 0 {
				f.mu.Unlock()
				return nil, nil, f.media(u, errors.New("no such file in the post"))
			}
			kept := old.media[at]
			f.mu.Unlock()
			kept.Alt = u.Alt
			media, files = append(media, kept), append(files, u.RemoteID)
			continue
		}
		kind := network.Image
		if strings.HasPrefix(u.MIME, "video/") {
			kind = network.Video
		}
		if u.Kept != "" {
			f.mu.Lock()
			known := f.loose[u.Kept]
			f.mu.Unlock()
			if !known {
				return nil, nil, f.media(u, errors.New("no such file"))
			}
			media = append(media, network.Media{Kind: kind, URL: f.opts.URL + "/media/" + u.Kept, Alt: u.Alt, Width: u.Width, Height: u.Height})
			files = append(files, u.Kept)
			continue
		}
		r, err := u.Open()
		if err != nil {
			return nil, nil, f.media(u, err)
		}
		n, err := io.Copy(io.Discard, r)
		r.Close()
		if err != nil || n != u.Size {
			return nil, nil, f.media(u, fmt.Errorf("read %d of %d bytes: %w", n, u.Size, err))
		}
		f.mu.Lock()
		f.seq++
		f.uploads++
		id := fmt.Sprintf("file-%06d", f.seq)
		f.loose[id] = true
		f.mu.Unlock()
		if u.Keep != nil {
			u.Keep(ctx, id, time.Hour)
		}
		media = append(media, network.Media{Kind: kind, URL: f.opts.URL + "/media/" + id, Alt: u.Alt, Width: u.Width, Height: u.Height})
		files = append(files, id)
	}
	return media, files, nil
}

func (c *fakeClient) Counts(ctx context.Context, ids []string) ([]network.Counts, error) {
	x, me, err := c.start(ctx, CallCounts)
	if err != nil {
		return nil, err
	}
	if len(ids) > network.MostCounts {
		return nil, c.f.problem(network.Never, network.ProblemRefused, fmt.Errorf("%d ids at once", len(ids)))
	}
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	var out []network.Counts
	for _, id := range ids {
		switch d := c.f.byID[id]; {
		case d != nil && d.what != "post", d == nil && silent(id):
		case x.Way == CountsStale:
			none := network.Counted(0)
			out = append(out, network.Counts{RemoteID: id, Reactions: none, Replies: none, Shares: none, Quotes: none})
		case d == nil || d.gone || !c.f.visible(d, me):
			out = append(out, network.Counts{RemoteID: id, Gone: true})
		default:
			out = append(out, c.f.count(d))
		}
	}
	return out, nil
}

// silent tells the ids of likes, shares and follows.
func silent(id string) bool {
	what, _, _ := strings.Cut(id, ":")
	return what == "like" || what == "share" || what == "follow"
}

// count counts what was done about a post. The lock is held.
func (f *Fake) count(d *deed) network.Counts {
	n := map[string]int{}
	for _, a := range f.deeds {
		switch {
		case a.gone:
		case a.what == "post" && a.quote == d.id:
			n["quote"]++
		case a.parent == d.id:
			n[a.what]++
		}
	}
	return network.Counts{
		RemoteID: d.id, Reactions: network.Counted(n["like"]), Replies: network.Counted(n["post"]), Shares: network.Counted(n["share"]),
		Quotes: network.Counted(n["quote"]), Views: network.CountedOr(d.views),
	}
}

// View lets a post be seen so many times; before that a Fake does not tell how often one was seen.
func (f *Fake) View(id string, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d := f.byID[id]; d != nil {
		if d.views == nil {
			d.views = new(int)
		}
		*d.views += times
	}
}

func (c *fakeClient) Edit(ctx context.Context, id string, m network.Outgoing) (network.Receipt, error) {
	x, me, err := c.start(ctx, CallEdit)
	if err != nil {
		return network.Receipt{}, err
	}
	if c.f.opts.NoEdit {
		return network.Receipt{}, c.f.problem(network.Never, network.ProblemUnsupported, nil)
	}
	c.f.mu.Lock()
	d, err := c.f.lookup(id)
	c.f.mu.Unlock()
	switch {
	case err != nil:
		return network.Receipt{}, c.f.problem(network.Never, network.ProblemGone, err)
	case d.author != me:
		return network.Receipt{}, c.f.problem(network.Never, network.ProblemRefused, errors.New("not ours"))
	}
	media, files, err := c.f.take(ctx, m, d)
	if err != nil {
		return network.Receipt{}, err
	}
	c.f.mu.Lock()
	c.f.change(d, m, media, files)
	r := c.f.receipt(d)
	c.f.mu.Unlock()
	if x.Accepted != nil {
		x.Accepted()
	}
	if x.Way == AcceptThenTimeout {
		return network.Receipt{}, c.f.silence()
	}
	return r, nil
}

// change is the server's side of Edit. The lock is held.
func (f *Fake) change(d *deed, m network.Outgoing, media []network.Media, files []string) {
	if d.text == m.Text && d.warning == m.Warning && d.language == m.Language && slices.Equal(d.media, media) && slices.Equal(d.files, files) {
		return
	}
	d.text, d.warning, d.language, d.media, d.files, d.edited = m.Text, m.Warning, m.Language, media, files, f.now()
	for _, h := range f.named(m.Text) {
		if h != d.author && !slices.Contains(d.to, h) {
			d.to = append(d.to, h)
		}
	}
	f.ring(d, network.Bell{RemoteIDs: []string{d.id}})
}
