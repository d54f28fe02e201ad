package web

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
)

// pathPicture leads to a picture that an interaction carries; its id and the number of the picture follow.
const pathPicture = "/inbox/picture/"

// How pictures of networks are fetched.
const (
	pictureMost    = 15 << 20 // bytes
	pictureWait    = 15 * time.Second
	picturesAtOnce = 8
)

func (w *Web) pictureRoutes() {
	w.member("GET "+pathPicture+"{id}/{n}", w.servePicture)
}

// pictureTypes are the pictures that are handed on; what they are is told from their content, never from a server's word.
var pictureTypes = map[string]bool{"image/jpeg": true, "image/png": true, "image/gif": true, "image/webp": true}

// servePicture fetches a picture from a network's server and hands it on: the house asks, so the server never learns which
// member looks, and the member's browser talks to the house alone.
func (w *Web) servePicture(rw http.ResponseWriter, r *http.Request) error {
	if w.options.Outside == nil {
		return media.ErrGone
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil {
		return media.ErrGone.Because(err)
	}
	f, err := w.rooms.Inbox.Picture(r.Context(), visitOf(r).actor, inbox.InteractionID(r.PathValue("id")), n)
	if err != nil {
		return err
	}
	select {
	case w.fetching <- struct{}{}:
		defer func() { <-w.fetching }()
	case <-r.Context().Done():
		return r.Context().Err()
	}
	ctx, cancel := context.WithTimeout(r.Context(), pictureWait)
	defer cancel()
	away := fault.New(fault.Upstream, "web.picture.away")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, first(f.PreviewURL, f.URL), nil)
	if err != nil {
		return away.Because(err)
	}
	req.Header.Set("Accept", "image/webp,image/png,image/jpeg,image/gif")
	res, err := w.options.Outside.Do(req)
	if err != nil {
		return away.Because(err)
	}
	defer func() { _ = res.Body.Close() }() // only read from
	if res.StatusCode != http.StatusOK || res.ContentLength > pictureMost {
		return away
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, pictureMost+1))
	if err != nil || len(body) > pictureMost {
		return away.Because(err)
	}
	kind := http.DetectContentType(body)
	if !pictureTypes[kind] {
		return away
	}
	h := rw.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "private, max-age=86400")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = rw.Write(body) // the browser may be gone
	return nil
}

// first is the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// pictureSource is where the browser finds a file that an interaction carries, "" for what is shown by its description.
func (w *Web) pictureSource(i inbox.Interaction, n int, f network.Media) string {
	switch {
	case strings.HasPrefix(f.URL, samplePictures), strings.HasPrefix(f.URL, "/media/"):
		return f.URL
	case w.options.Outside == nil || f.Kind != network.Image || webAddress(first(f.PreviewURL, f.URL)) == "":
		return ""
	}
	return pathPicture + string(i.ID) + "/" + strconv.Itoa(n)
}
