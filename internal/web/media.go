package web

import (
	"bytes"
	"io/fs"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/team"
)

func (w *Web) mediaRoutes() {
	w.member("GET /media/{id}", w.serveMedia)
	w.member("GET "+samplePictures+"{id}", w.serveSample)
}

// serveMedia gives a file of the company, whole or with ?size=small or large as a smaller image.
func (w *Web) serveMedia(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	if err := v.actor.May(team.CompanyRead); err != nil {
		return err
	}
	id, err := media.ParseID(r.PathValue("id"))
	if err != nil {
		return media.ErrGone.Because(err)
	}
	size := media.Whole
	switch r.URL.Query().Get("size") {
	case "small":
		size = media.Small
	case "large":
		size = media.Large
	}
	f, err := w.rooms.Media.Get(r.Context(), string(v.actor.Company), id)
	if err != nil {
		return err
	}
	content, err := w.rooms.Media.Open(r.Context(), string(v.actor.Company), id, size)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // only read from
	how := "attachment"
	if strings.HasPrefix(content.MIME, "image/") && content.MIME != "image/svg+xml" || strings.HasPrefix(content.MIME, "video/") || strings.HasPrefix(content.MIME, "audio/") {
		how = "inline"
	}
	h := rw.Header()
	h.Set("Content-Type", content.MIME)
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": f.Name}))
	h.Set("Cache-Control", "private, max-age=86400")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("ETag", strconv.Quote(f.SHA256+"-"+strconv.Itoa(int(size))))
	http.ServeContent(rw, r, "", time.Time{}, content)
	return nil
}

// samplePictures is where the drawings of the sample company are served.
const samplePictures = "/sample/"

// serveSample gives a drawing of the sample company. It is shown as a picture only: opened by itself it may do nothing.
func (w *Web) serveSample(rw http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("id")
	if w.options.Pictures == nil || !strings.HasSuffix(name, ".svg") {
		return media.ErrGone
	}
	b, err := fs.ReadFile(w.options.Pictures, name)
	if err != nil {
		return media.ErrGone.Because(err)
	}
	h := rw.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "private, max-age=86400")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	http.ServeContent(rw, r, "", time.Time{}, bytes.NewReader(b))
	return nil
}
