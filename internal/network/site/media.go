package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// fileLife is how long a site surely keeps a file that no article has: for ever, in its library; after this it is asked again.
const fileLife = 7 * 24 * time.Hour

// unwanted says that a file is not taken as it is.
func (w *wordPress) unwanted(f network.Upload, err error) *network.Problem {
	p := problem(network.Never, network.ProblemMedia, w.cred.ServerURL, err)
	p.Args["name"] = f.Name
	return p
}

// file gives a file of the library for one of a message: the one that stands there already, the one an earlier attempt brought,
// or a new one.
func (w *wordPress) file(ctx context.Context, me *wpUser, key string, i int, f network.Upload, stands []string) (wpMedia, error) {
	if f.RemoteID != "" {
		if !slices.Contains(stands, f.RemoteID) {
			return wpMedia{}, w.unwanted(f, errors.New("a file that the article does not have"))
		}
		n, err := strconv.ParseInt(f.RemoteID, 10, 64)
		if err != nil {
			return wpMedia{}, w.unwanted(f, err)
		}
		return w.describe(ctx, n, f)
	}
	if !strings.HasPrefix(f.MIME, "image/") && !strings.HasPrefix(f.MIME, "video/") || !me.may(mayUpload) {
		return wpMedia{}, w.unwanted(f, fmt.Errorf("%q", f.MIME))
	}
	if n, err := strconv.ParseInt(f.Kept, 10, 64); err == nil && n > 0 {
		m, err := w.describe(ctx, n, f)
		if err == nil || !missing(err) {
			return m, err
		}
	}
	slug := slugOf(key, i, f)
	m, err := w.brought(ctx, slug)
	if err != nil {
		return wpMedia{}, err
	}
	if m.ID == 0 {
		if m, err = w.upload(ctx, slug, f); err != nil {
			return wpMedia{}, err
		}
	}
	if f.Keep != nil {
		f.Keep(ctx, strconv.FormatInt(m.ID, 10), fileLife)
	}
	return m, nil
}

// slugOf is the name by which a file of a message is known in the library, so that it is brought once however often the message
// is tried.
func slugOf(key string, i int, f network.Upload) string {
	sum := sha256.Sum256([]byte(key + "\x00" + strconv.Itoa(i) + "\x00" + f.Name + "\x00" + strconv.FormatInt(f.Size, 10)))
	name, _, _ := strings.Cut(f.Name, ".")
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 40 {
			break
		}
	}
	return strings.Trim(b.String()+"-"+hex.EncodeToString(sum[:8]), "-")
}

// brought looks whether an earlier attempt brought the file.
func (w *wordPress) brought(ctx context.Context, slug string) (wpMedia, error) {
	var list []json.RawMessage
	if _, err := w.get(ctx, "/wp/v2/media", url.Values{"slug": {slug}}, &list); err != nil {
		return wpMedia{}, err
	}
	for _, m := range each[wpMedia](list) {
		if m.ID > 0 {
			return m, nil
		}
	}
	return wpMedia{}, nil
}

// describe puts what one sees on a file that is in the library, if it does not say that yet.
func (w *wordPress) describe(ctx context.Context, n int64, f network.Upload) (wpMedia, error) {
	at := "/wp/v2/media/" + strconv.FormatInt(n, 10)
	var m wpMedia
	if _, err := w.get(ctx, at, nil, &m); err != nil {
		return wpMedia{}, err
	}
	if m.Alt == f.Alt {
		return m, nil
	}
	b, err := json.Marshal(map[string]string{"alt_text": f.Alt})
	if err != nil {
		return wpMedia{}, w.unwanted(f, err)
	}
	_, err = w.do(ctx, request{method: http.MethodPost, url: w.address(at, nil), body: bytes.NewReader(b), mime: "application/json", length: int64(len(b))}, &m)
	return m, err
}

// upload brings a file, with what one sees on it, in one call. Nothing is published by it, so a lost answer leaves nothing unknown:
// the next attempt finds the file by its name.
func (w *wordPress) upload(ctx context.Context, slug string, f network.Upload) (wpMedia, error) {
	most := int64(maxImage)
	if strings.HasPrefix(f.MIME, "video/") {
		most = maxVideo
	}
	if f.Size > most {
		return wpMedia{}, w.unwanted(f, fmt.Errorf("%d bytes", f.Size))
	}
	src, err := f.Open()
	if err != nil {
		p := w.unwanted(f, err)
		p.Verdict = network.Later
		return wpMedia{}, p
	}
	defer src.Close()
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	for _, field := range [][2]string{{"slug", slug}, {"alt_text", f.Alt}, {"title", strings.TrimSpace(nameOf(f))}} {
		if err := form.WriteField(field[0], field[1]); err != nil {
			return wpMedia{}, w.unwanted(f, err)
		}
	}
	part := textproto.MIMEHeader{}
	part.Set("Content-Disposition", `form-data; name="file"; filename="`+fileName(f)+`"`)
	part.Set("Content-Type", f.MIME)
	if _, err := form.CreatePart(part); err != nil {
		return wpMedia{}, w.unwanted(f, err)
	}
	tail := "\r\n--" + form.Boundary() + "--\r\n"
	r := request{
		method: http.MethodPost, url: w.address("/wp/v2/media", nil), mime: form.FormDataContentType(),
		body: io.MultiReader(&head, io.LimitReader(src, f.Size), strings.NewReader(tail)), length: int64(head.Len()) + f.Size + int64(len(tail)),
	}
	var m wpMedia
	_, err = w.do(ctx, r, &m)
	switch s := statusOf(err); {
	case err != nil && (s == http.StatusRequestEntityTooLarge || s == http.StatusUnsupportedMediaType || strings.HasPrefix(codeOf(err), "rest_upload_")):
		return wpMedia{}, w.unwanted(f, err) // WordPress says 500 to files that its PHP does not take
	case err != nil && s == http.StatusBadRequest:
		return wpMedia{}, w.unwanted(f, err)
	case err != nil:
		return wpMedia{}, err
	case m.ID <= 0 || webAddress(m.URL) == "":
		return wpMedia{}, problem(network.Later, network.ProblemAnswer, w.cred.ServerURL, errors.New("a file without a number"))
	}
	if m.Alt != f.Alt { // a site that did not take the words along
		return w.describe(ctx, m.ID, f)
	}
	return m, nil
}

func nameOf(f network.Upload) string {
	name, _, _ := strings.Cut(f.Name, ".")
	return plainTitle(name)
}

// fileName is the file's own name, in letters every server keeps.
func fileName(f network.Upload) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '-'
	}, f.Name)
	if name = strings.Trim(name, ".-"); name == "" || !strings.Contains(name, ".") {
		_, sub, _ := strings.Cut(f.MIME, "/")
		name = strings.TrimSuffix(cut(name, 80), "…") + "file." + strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, sub)
	}
	if len(name) > 120 {
		name = name[len(name)-120:]
	}
	return name
}
