package mastodontest

import (
	"bytes"
	"image"
	_ "image/gif"  // to know the size
	_ "image/jpeg" // of what is
	_ "image/png"  // uploaded
	"io"
	"net/http"
	"strings"
)

const maxUpload = 16 << 20

func (s *Server) upload(w http.ResponseWriter, c call) {
	bad := func(text string) { s.fail(w, http.StatusUnprocessableEntity, text) }
	in, head, err := c.FormFile("file")
	if err != nil {
		bad("Validation failed: File can't be blank")
		return
	}
	defer in.Close()
	data, err := io.ReadAll(in)
	if err != nil || len(data) > maxUpload {
		s.fail(w, http.StatusRequestEntityTooLarge, "Validation failed: file is too large")
		return
	}
	f := &file{id: s.newID(), owner: c.me, data: data, mime: http.DetectContentType(data), description: c.Form.Get("description"), focus: c.Form.Get("focus"), working: s.opts.WorkingOn}
	if len([]rune(f.description)) > 1500 {
		bad("Validation failed: Description is too long")
		return
	}
	conf, _, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case err == nil:
		f.kind, f.width, f.height = "image", conf.Width, conf.Height
	case strings.HasPrefix(head.Header.Get("Content-Type"), "video/") && strings.HasPrefix(f.mime, "video/"):
		f.kind = "video"
	default:
		bad("Validation failed: File content type is invalid")
		return
	}
	s.files[f.id] = f
	if f.working > 0 {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusAccepted)
	}
	write(w, s.fileJSON(f))
}

func (s *Server) oneFile(w http.ResponseWriter, c call) {
	f := s.files[c.PathValue("id")]
	if f == nil || f.owner != c.me {
		s.notFound(w)
		return
	}
	if f.working > 0 {
		f.working--
	}
	if f.working > 0 {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusPartialContent)
	}
	write(w, s.fileJSON(f))
}

func (s *Server) describeFile(w http.ResponseWriter, c call) {
	f := s.files[c.PathValue("id")]
	if f == nil || f.owner != c.me || f.on != nil {
		s.notFound(w)
		return
	}
	f.description = c.Form.Get("description")
	write(w, s.fileJSON(f))
}

func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[r.PathValue("id")]
	if f == nil {
		s.notFound(w)
		return
	}
	w.Header().Set("Content-Type", f.mime)
	_, _ = w.Write(f.data) // onto the tape, which does not fail
}
