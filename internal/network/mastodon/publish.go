package mastodon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// Limits implements network.Client.
func (c *client) Limits(ctx context.Context) (network.Limits, error) {
	in, _, err := c.srv.instance(ctx)
	if err != nil {
		return network.Limits{}, err
	}
	l := c.limitsOf(in)
	c.mu.Lock()
	c.limits = &l
	c.mu.Unlock()
	return l, nil
}

// Publish implements network.Client.
func (c *client) Publish(ctx context.Context, m network.Outgoing) (network.Receipt, error) {
	if m.ReplyTo != "" && !isStatus(m.ReplyTo) {
		return network.Receipt{}, c.srv.problem(network.Never, network.ProblemGone, nil)
	}
	form := url.Values{"status": {m.Text}}
	if err := c.fewEnough(ctx, m.Media); err != nil {
		return network.Receipt{}, err
	}
	for _, u := range m.Media {
		id, err := c.upload(ctx, u)
		if err != nil {
			return network.Receipt{}, err
		}
		form.Add("media_ids[]", id)
	}
	for name, v := range map[string]string{
		"in_reply_to_id": m.ReplyTo,
		"visibility":     visibilityWord(m.Visibility),
		"spoiler_text":   m.Warning,
		"language":       language(m.Language),
	} {
		if v != "" {
			form.Set(name, v)
		}
	}
	if m.Warning != "" {
		form.Set("sensitive", "true")
	}
	var s status
	_, err := c.read(ctx, request{method: http.MethodPost, path: "/api/v1/statuses", form: form, key: m.Key, mutation: true}, &s)
	if err != nil {
		return network.Receipt{}, c.explain(ctx, err, m)
	}
	if s.ID == "" {
		p := c.srv.problem(network.Later, network.ProblemAnswer, errors.New("a status without an id"))
		p.Uncertain = true
		return network.Receipt{}, p
	}
	return receipt(&s), nil
}

func receipt(s *status) network.Receipt {
	u := s.URL
	if u == "" {
		u = s.URI
	}
	r := network.Receipt{RemoteID: string(s.ID), URL: u, Version: version(s), At: s.CreatedAt.time()}
	for _, a := range s.Media {
		r.Media = append(r.Media, string(a.ID))
	}
	return r
}

// fewEnough keeps more files than a status may carry from being uploaded for nothing.
func (c *client) fewEnough(ctx context.Context, media []network.Upload) error {
	if len(media) <= defaultAttach {
		return nil // every server takes so many, or says itself that it does not
	}
	l, err := c.known(ctx)
	if err != nil {
		return err
	}
	if len(media) > l.Attach {
		p := c.srv.problem(network.Never, network.ProblemMedia, fmt.Errorf("%d files of %d", len(media), l.Attach))
		p.Args["name"] = media[l.Attach].Name
		return p
	}
	return nil
}

// known gives the limits, asked once.
func (c *client) known(ctx context.Context) (network.Limits, error) {
	c.mu.Lock()
	l := c.limits
	c.mu.Unlock()
	if l != nil {
		return *l, nil
	}
	return c.Limits(ctx)
}

// language gives the ISO 639 part, which is all that servers take.
func language(tag string) string {
	l, _, _ := strings.Cut(tag, "-")
	return strings.ToLower(l)
}

// explain finds out why a status was refused. Servers only say it in a sentence, so what may be wrong is looked at.
func (c *client) explain(ctx context.Context, err error, m network.Outgoing) error {
	st := statusOf(err)
	switch st {
	case http.StatusNotFound:
		if m.ReplyTo == "" {
			return c.srv.problem(network.Never, network.ProblemUnsupported, err)
		}
		return c.srv.problem(network.Never, network.ProblemGone, err)
	case http.StatusForbidden:
		if c.granted("write:statuses") {
			p := c.srv.problem(network.Never, network.ProblemRefused, err)
			p.Args["reason"] = reasonOf(err)
			return p
		}
		return err
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
	default:
		return err
	}
	if l, e := c.known(ctx); e == nil {
		n := c.Measure(m.Text, l)
		n.Used += c.Measure(m.Warning, l).Used
		if !n.Fits() {
			p := c.srv.problem(network.Never, network.ProblemTooLong, err)
			p.Args["used"], p.Args["max"] = n.Used, n.Max
			return p
		}
	}
	if m.ReplyTo != "" {
		var s status
		if _, e := c.get(ctx, "/api/v1/statuses/"+url.PathEscape(m.ReplyTo), nil, &s); statusOf(e) == http.StatusNotFound {
			return c.srv.problem(network.Never, network.ProblemGone, err)
		}
	}
	return err
}

// granted tells whether the credentials surely hold a scope such as "write:statuses".
func (c *client) granted(scope string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	whole, _, _ := strings.Cut(scope, ":")
	for _, s := range c.cr.Scopes {
		if s == scope || s == whole {
			return true
		}
	}
	return false
}

// upload brings a file to the server and gives its id once the server has worked it up. Uploading again would only
// leave a file behind that nobody sees and the server throws away.
func (c *client) upload(ctx context.Context, u network.Upload) (string, error) {
	bad := func(v network.Verdict, err error) error {
		p := c.srv.problem(v, network.ProblemMedia, err)
		p.Args["name"] = u.Name
		return p
	}
	if u.Kept != "" {
		err := c.ready(ctx, u.Kept)
		if st := statusOf(err); err == nil || st != http.StatusNotFound && st != http.StatusUnprocessableEntity && st != http.StatusGone {
			return u.Kept, err
		}
	}
	file, err := u.Open()
	if err != nil {
		return "", bad(network.Later, err)
	}
	defer file.Close()
	head, tail, mime, err := envelope(u)
	if err != nil {
		return "", bad(network.Never, err)
	}
	// The length is told beforehand: not every server takes a body in chunks.
	body := io.MultiReader(strings.NewReader(head), exactly(file, u.Size), strings.NewReader(tail))
	var a attachment
	ans, err := c.read(ctx, request{
		method: http.MethodPost, path: "/api/v2/media", body: io.NopCloser(body), mime: mime,
		length: int64(len(head)) + u.Size + int64(len(tail)),
	}, &a)
	if err != nil {
		switch statusOf(err) {
		case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
			return "", bad(network.Never, err)
		case http.StatusNotFound:
			return "", c.srv.problem(network.Never, network.ProblemUnsupported, err)
		}
		if errors.Is(err, errWrongSize) {
			return "", bad(network.Later, err)
		}
		return "", err
	}
	if a.ID == "" {
		return "", c.srv.problem(network.Later, network.ProblemAnswer, errors.New("a file without an id"))
	}
	if u.Keep != nil {
		u.Keep(ctx, string(a.ID), fileLife)
	}
	if ans.status == http.StatusAccepted || a.URL == "" && c.genuine() {
		if err := c.ready(ctx, string(a.ID)); err != nil {
			if st := statusOf(err); st == http.StatusUnprocessableEntity || st == http.StatusNotFound {
				return "", bad(network.Never, err)
			}
			return "", err
		}
	}
	return string(a.ID), nil
}

// fileLife is how long a server surely keeps a file that stands in no message; Mastodon throws it away after a day.
const fileLife = 12 * time.Hour

// mostReady is how long a server may work on a film.
const mostReady = 2 * time.Minute

// ready waits until the server has worked up a file: 206 while it does, 200 then.
func (c *client) ready(ctx context.Context, id string) error {
	end := c.con.now().Add(mostReady)
	for pause := 200 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		var a attachment
		ans, err := c.get(ctx, "/api/v1/media/"+url.PathEscape(id), nil, &a)
		if err != nil {
			return err
		}
		if ans.status == http.StatusOK {
			return nil
		}
		if c.con.now().After(end) {
			return c.srv.problem(network.Later, network.ProblemTimeout, fmt.Errorf("a file is worked up for more than %v", mostReady))
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return c.srv.problem(network.Later, network.ProblemTimeout, ctx.Err())
		}
	}
}

// envelope makes what stands before and after a file in a form (RFC 7578).
func envelope(u network.Upload) (head, tail, mime string, err error) {
	var b strings.Builder
	w := multipart.NewWriter(&b)
	for _, f := range []struct{ name, value string }{{"description", u.Alt}, {"focus", focus(u)}} {
		if f.value == "" {
			continue
		}
		if err := w.WriteField(f.name, f.value); err != nil {
			return "", "", "", err
		}
	}
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == '\\' || r == '/' || r == 0x7f {
			return '_'
		}
		return r
	}, u.Name)
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", `form-data; name="file"; filename="`+name+`"`)
	if u.MIME != "" {
		h.Set("Content-Type", u.MIME)
	}
	if _, err := w.CreatePart(h); err != nil {
		return "", "", "", err
	}
	head = b.String()
	if err := w.Close(); err != nil {
		return "", "", "", err
	}
	return head, b.String()[len(head):], w.FormDataContentType(), nil
}

// focus writes the point that stays in sight, "" for the middle, which is what servers take when nothing is said.
func focus(u network.Upload) string {
	if u.FocusX == 0 && u.FocusY == 0 {
		return ""
	}
	in := func(v float64) string { return strconv.FormatFloat(min(max(v, -1), 1), 'f', 3, 64) }
	return in(u.FocusX) + "," + in(u.FocusY)
}

var errWrongSize = errors.New("the file is not as long as it was")

// exactly reads size bytes, and fails when there are fewer or more.
func exactly(r io.Reader, size int64) io.Reader { return &exact{r: r, left: size} }

type exact struct {
	r    io.Reader
	left int64
}

func (e *exact) Read(p []byte) (int, error) {
	if e.left == 0 {
		var one [1]byte
		if n, _ := io.ReadFull(e.r, one[:]); n > 0 {
			return 0, errWrongSize
		}
		return 0, io.EOF
	}
	if int64(len(p)) > e.left {
		p = p[:e.left]
	}
	n, err := e.r.Read(p)
	e.left -= int64(n)
	if errors.Is(err, io.EOF) {
		err = nil
		if e.left > 0 {
			err = errWrongSize
		}
	}
	return n, err
}

// Delete implements network.Client.
func (c *client) Delete(ctx context.Context, id string) error {
	if !isStatus(id) {
		return c.srv.problem(network.Never, network.ProblemGone, nil)
	}
	var s status
	_, err := c.read(ctx, request{method: http.MethodDelete, path: "/api/v1/statuses/" + url.PathEscape(id), mutation: true}, &s)
	if st := statusOf(err); st == http.StatusNotFound || st == http.StatusGone {
		return nil
	}
	return err
}
