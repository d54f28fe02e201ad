package public

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/public/view"
	"github.com/ponte-desk/ponte/internal/record"
)

// How the files of the record may be kept by others. A full tile never changes, and neither does a partial one under its
// width, but that one is soon replaced by a wider one.
const (
	cacheFull    = "public, max-age=31536000, immutable"
	cachePartial = "public, max-age=300"
	cacheHead    = "public, no-cache"
)

const (
	plain  = "text/plain; charset=utf-8"
	octets = "application/octet-stream"
)

func (p *Public) recordRoutes(prefix string) {
	at := prefix + view.PathRecord
	p.add("GET "+strings.TrimSuffix(at, "/"), func(rw http.ResponseWriter, r *http.Request, _ *visit) error {
		http.Redirect(rw, r, at, http.StatusMovedPermanently)
		return nil
	})
	p.add("GET "+at+"{$}", p.of(prefix, "", p.showRecord))
	p.add("GET "+prefix+view.PathFind, p.of(prefix, "", p.findInRecord))
	p.add("GET "+prefix+view.PathProof, p.of(prefix, "", p.serveProof))
	p.add("GET "+prefix+view.PathHead, p.of(prefix, "", p.serveHead))
	p.add("GET "+prefix+view.PathKey, p.of(prefix, "", p.serveKey))
	p.add("GET "+prefix+view.PathData, p.of(prefix, "", p.serveFigures))
	p.add("GET "+at+"tile/{path...}", p.of(prefix, "", p.serveTile))
}

// bilingual makes a page whose address is the same in both languages.
func (p *Public) bilingual(r *http.Request, v *visit, g growth.Public, path string) view.Page {
	v.company = g.Company
	page := p.page(r, v)
	page.WriteHere, page.Feeds = g.Settings.WriteTo != "", true
	page.Canonical = v.prefix + path + "?lang=" + v.lang
	page.Other = v.prefix + path + "?lang=" + other(v.lang)
	return page
}

// recordOf reads what the page of the record shows.
func (p *Public) recordOf(r *http.Request, v *visit, g growth.Public) (view.Record, error) {
	out := view.Record{Size: g.Size, Since: g.Figures.Since, At: g.HeadAt, Head: g.Head}
	if g.Size == 0 {
		return out, nil
	}
	key, err := p.rooms.Growth.VerifierKey(r.Context(), v.company.ID)
	if err != nil {
		return out, err
	}
	out.Key = key
	out.Origin, err = merkle.KeyName(key)
	return out, err
}

func (p *Public) showRecord(rw http.ResponseWriter, r *http.Request, v *visit) error {
	g, err := p.open(r, v, "")
	if err != nil {
		return err
	}
	return p.give(rw, r, v, g.Version, html, func() ([]byte, error) {
		rec, err := p.recordOf(r, v, g)
		if err != nil {
			return nil, err
		}
		return drawn(r, view.RecordPage(p.recordSheet(r, v, g), rec))()
	})
}

func (p *Public) recordSheet(r *http.Request, v *visit, g growth.Public) view.Page {
	page := p.bilingual(r, v, g, view.PathRecord)
	page.Title, page.Updated = v.words.T("publicpage.record.title"), g.HeadAt
	page.Description = v.words.T("publicpage.describe.record", "company", g.Company.Name)
	return page
}

// looked looks for the comment at the address that the reader pasted, and works its proof out.
func (p *Public) looked(r *http.Request, v *visit) (view.Found, error) {
	out := view.Found{Pasted: strings.TrimSpace(r.URL.Query().Get("address"))}
	normal, err := record.NormalAddress(out.Pasted)
	if err != nil || out.Pasted == "" {
		return out, fault.New(fault.Invalid, "publicpage.find.missing").Because(err)
	}
	if err := p.looking.take(v.remote); err != nil {
		return out, err
	}
	found, err := p.rooms.Growth.Find(r.Context(), v.company.ID, normal)
	switch fault.KindOf(err) {
	case "":
	case fault.NotFound:
		return out, fault.New(fault.NotFound, "publicpage.find.none").Because(err)
	default:
		return out, err
	}
	head := merkle.Head{Size: found.Size, Root: found.Root}
	if err := merkle.CheckInclusion(head, found.Index, found.Leaf, found.Proof); err != nil {
		return out, fmt.Errorf("public: the record does not prove what it holds: %w", errFailed.Because(err))
	}
	leaf := merkle.LeafHash(found.Leaf)
	out.Found = found
	out.Commit, out.LeafHash = hex.EncodeToString(record.Commit(found.Salt, record.OfAddress, found.Address)), hex.EncodeToString(leaf[:])
	out.Path = way(found.Index, found.Size, found.Proof)
	return out, nil
}

// way says of each hash of a proof on which side it stands (RFC 9162 section 2.1.3.2).
func way(index, size int64, proof [][32]byte) []view.Sibling {
	out := make([]view.Sibling, 0, len(proof))
	f, s := index, size-1
	for _, h := range proof {
		side := "right"
		if f%2 == 1 || f == s {
			side = "left"
			for f%2 == 0 && f != 0 {
				f, s = f/2, s/2
			}
		}
		out = append(out, view.Sibling{Side: side, Hash: hex.EncodeToString(h[:])})
		f, s = f/2, s/2
	}
	return out
}

// findInRecord answers whoever pastes the address of a comment. The address is not kept, not even in the log.
func (p *Public) findInRecord(rw http.ResponseWriter, r *http.Request, v *visit) error {
	rw.Header().Set("X-Robots-Tag", "noindex")
	g, err := p.open(r, v, "")
	if err != nil {
		return err
	}
	if !r.URL.Query().Has("address") {
		http.Redirect(rw, r, v.prefix+view.PathRecord+"?lang="+v.lang, http.StatusSeeOther)
		return nil
	}
	f, err := p.looked(r, v)
	if k := fault.KindOf(err); k == fault.Invalid || k == fault.NotFound {
		rec, e := p.recordOf(r, v, g)
		if e != nil {
			return e
		}
		rec.Address = f.Pasted
		rec.Error, rec.Remedy = v.words.Error(err)
		page := p.recordSheet(r, v, g)
		page.Index, page.Canonical = false, ""
		v.err = err
		p.write(rw, r, statusOf(k), view.RecordPage(page, rec))
		return nil
	} else if err != nil {
		return err
	}
	page := p.bilingual(r, v, g, view.PathFind)
	page.Other += "&address=" + queryEscape(f.Pasted)
	page.Title, page.Index, page.Canonical = v.words.T("publicpage.found.title"), false, ""
	p.write(rw, r, http.StatusOK, view.FoundPage(page, f))
	return nil
}

// proofExtra is what a proof carries besides what the record proves: what the comment's own commitment opens with.
type proofExtra struct {
	Address string `json:"address"`
	Salt    string `json:"salt"`
	Leaf    string `json:"leaf"`
}

// serveProof hands out a proof to keep (C2SP tlog-proof).
func (p *Public) serveProof(rw http.ResponseWriter, r *http.Request, v *visit) error {
	rw.Header().Set("X-Robots-Tag", "noindex")
	if _, err := p.open(r, v, ""); err != nil {
		return err
	}
	f, err := p.looked(r, v)
	if err != nil {
		return err
	}
	extra, err := json.Marshal(proofExtra{Address: f.Address, Salt: hex.EncodeToString(f.Salt), Leaf: string(f.Leaf)})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("c2sp.org/tlog-proof@v1\nextra " + base64.StdEncoding.EncodeToString(extra) + "\nindex " + strconv.FormatInt(f.Index, 10) + "\n")
	for _, h := range f.Proof {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	b.WriteString("\n")
	b.Write(f.Checkpoint)
	rw.Header().Set("Content-Disposition", `attachment; filename="comment-`+strconv.FormatInt(f.Index, 10)+`.tlog-proof"`)
	p.file(rw, r, v, plain, "no-store", b.Bytes())
	return nil
}

// file answers with a file of the record. Anybody's page may read it.
func (p *Public) file(rw http.ResponseWriter, r *http.Request, v *visit, kind, cache string, body []byte) {
	h := rw.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Content-Type", kind)
	if v.closed {
		cache = cacheClosed
	}
	h.Set("Cache-Control", cache)
	sum := sha256.Sum256(body)
	h.Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
	http.ServeContent(rw, r, "", time.Time{}, bytes.NewReader(body))
}

// opened lets somebody in to the files of a record that is open.
func (p *Public) opened(r *http.Request, v *visit) error {
	_, err := p.open(r, v, "")
	return err
}

func (p *Public) serveHead(rw http.ResponseWriter, r *http.Request, v *visit) error {
	if err := p.opened(r, v); err != nil {
		return err
	}
	b, err := p.rooms.Growth.Checkpoint(r.Context(), v.company.ID)
	if err != nil {
		return err
	}
	p.file(rw, r, v, plain, cacheHead, b)
	return nil
}

func (p *Public) serveKey(rw http.ResponseWriter, r *http.Request, v *visit) error {
	if err := p.opened(r, v); err != nil {
		return err
	}
	key, err := p.rooms.Growth.VerifierKey(r.Context(), v.company.ID)
	if err != nil {
		return err
	}
	p.file(rw, r, v, plain, cacheHead, []byte(key+"\n"))
	return nil
}

// serveFigures gives the figures of the page with the head that they follow from.
func (p *Public) serveFigures(rw http.ResponseWriter, r *http.Request, v *visit) error {
	if err := p.opened(r, v); err != nil {
		return err
	}
	f, err := p.rooms.Growth.PublicFigures(r.Context(), v.company.ID)
	if err != nil {
		return err
	}
	b, err := f.Encode()
	if err != nil {
		return err
	}
	p.file(rw, r, v, "application/json", cacheHead, b)
	return nil
}

func (p *Public) serveTile(rw http.ResponseWriter, r *http.Request, v *visit) error {
	at, err := merkle.ParsePath("tile/" + r.PathValue("path"))
	if err != nil {
		return err
	}
	if err := p.opened(r, v); err != nil {
		return err
	}
	var b []byte
	if at.Entries {
		b, err = p.rooms.Growth.Entries(r.Context(), v.company.ID, at.N, at.Width)
	} else {
		b, err = p.rooms.Growth.Tile(r.Context(), v.company.ID, at.Level, at.N, at.Width)
	}
	if err != nil {
		return err
	}
	cache := cachePartial
	if at.Width == merkle.Width {
		cache = cacheFull
	}
	p.file(rw, r, v, octets, cache, b)
	return nil
}
