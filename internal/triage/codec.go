package triage

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
)

// What a stored model begins with: a whole one, and one that says only in what it differs from the embedded one.
const (
	magicWhole  = "ponte triage 1 whole\n"
	magicLearnt = "ponte triage 1 learnt\n"
)

// The most that a stored model may unpack to, in bytes.
const maxModel = 16 << 20

// ErrDamaged says that bytes are no stored model, or not any more.
var ErrDamaged = errors.New("triage: not a stored model, or damaged")

// ErrOtherBase says that a model was learned upon another embedded model than this program's: learn it again.
var ErrOtherBase = errors.New("triage: learned upon another embedded model")

// MarshalBinary gives the bytes to store a model. Of a model that has learned these are only what it has learned.
func (m *Model) MarshalBinary() ([]byte, error) {
	magic, payload := magicWhole, m.payload()
	if m.base != nil {
		magic, payload = magicLearnt, m.difference()
	}
	var out bytes.Buffer
	out.WriteString(magic)
	z, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(payload); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// UnmarshalBinary reads what MarshalBinary gave.
func (m *Model) UnmarshalBinary(b []byte) error {
	read, err := ReadModel(b)
	if err != nil {
		return err
	}
	*m = *read
	return nil
}

// ReadModel reads a stored model. What has learned is put upon the embedded model, which must be the one it learned
// from. Damaged and hostile bytes give an error.
func ReadModel(b []byte) (*Model, error) {
	if bytes.HasPrefix(b, []byte(magicWhole)) {
		return readWhole(b)
	}
	rest, ok := bytes.CutPrefix(b, []byte(magicLearnt))
	if !ok {
		return nil, ErrDamaged
	}
	payload, err := unpack(rest)
	if err != nil {
		return nil, err
	}
	base, err := Default()
	if err != nil {
		return nil, err
	}
	return readLearnt(payload, base)
}

func unpack(b []byte) ([]byte, error) {
	payload, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b)), maxModel+1))
	if err != nil || len(payload) > maxModel {
		return nil, ErrDamaged
	}
	return payload, nil
}

// payload writes everything that a model is.
func (m *Model) payload() []byte {
	var w writer
	for i := range m.lex {
		w.count(len(m.lex[i].lex.Entries))
		for _, e := range m.lex[i].lex.Entries {
			w.text(e.line())
		}
	}
	w.count(len(m.common.words))
	for _, word := range slices.Sorted(maps.Keys(m.common.words)) {
		w.text(word)
		w.byte(byte(m.common.words[word]))
	}
	w.floats(m.lens.list()...)
	w.heads(m)
	w.double(m.score)
	for _, v := range m.hashed {
		w.byte(byte(v))
	}
	return w.b
}

func readWhole(b []byte) (*Model, error) {
	rest, ok := bytes.CutPrefix(b, []byte(magicWhole))
	if !ok {
		return nil, ErrDamaged
	}
	payload, err := unpack(rest)
	if err != nil {
		return nil, err
	}
	p := parser{b: payload}
	m := newModel()
	for i, lang := range lexiconLanguages {
		var lines strings.Builder
		n := p.count(200_000)
		for range n {
			lines.WriteString(p.text(400) + "\n")
		}
		lex, err := parseLexicon(string(lang), []byte(lines.String()))
		if err != nil || len(lex.Entries) != n {
			return nil, ErrDamaged
		}
		m.lex[i] = compile(lex)
	}
	words := map[string]tongueSet{}
	for range p.count(100_000) {
		w := p.text(100)
		words[w] = tongueSet(p.byte())
	}
	m.common = newCommonWords(words)
	p.floats(m.lens.list()...)
	p.heads(m)
	m.score = p.double()
	hashed := p.take(len(m.hashed))
	if p.bad || len(p.b) > 0 {
		return nil, ErrDamaged
	}
	for i, v := range hashed {
		m.hashed[i] = int8(v)
	}
	m.seal()
	return m, nil
}

// seal gives a finished model the hash of what it is.
func (m *Model) seal() {
	h := hashBytes(hashSeed, m.payload())
	if m.base != nil {
		h = hashBytes(h, m.difference())
	}
	m.hash = fmt.Sprintf("%016x", mix(h))[:12]
}

// list names the numbers of a lens.
func (l *lens) list() []*float32 {
	all := []*float32{&l.dense, &l.denseLang, &l.bias}
	for g := range l.group {
		all = append(all, &l.group[g])
	}
	return all
}

// list names the numbers of a head.
func (k *learned) list() []*float32 {
	all := []*float32{&k.scale}
	for lang := range k.dense {
		for i := range k.dense[lang] {
			all = append(all, &k.dense[lang][i])
		}
		all = append(all, &k.bias[lang])
	}
	for i := range k.platt {
		all = append(all, &k.platt[i].slope, &k.platt[i].shift)
	}
	return all
}

func (b *bands) list() []*float32 {
	all := []*float32{&b.lower, &b.upper, &b.negative, &b.positive, &b.mixed, &b.irony, &b.theme}
	for i := range b.urgent {
		all = append(all, &b.urgent[i])
	}
	return all
}

// writer writes numbers and texts.
type writer struct{ b []byte }

func (w *writer) byte(c byte)      { w.b = append(w.b, c) }
func (w *writer) count(n int)      { w.b = binary.AppendUvarint(w.b, uint64(n)) }
func (w *writer) word(x uint64)    { w.b = binary.LittleEndian.AppendUint64(w.b, x) }
func (w *writer) double(x float64) { w.word(math.Float64bits(x)) }

func (w *writer) text(s string) {
	w.count(len(s))
	w.b = append(w.b, s...)
}

func (w *writer) floats(all ...*float32) {
	for _, x := range all {
		w.b = binary.LittleEndian.AppendUint32(w.b, math.Float32bits(*x))
	}
}

func (w *writer) heads(m *Model) {
	for h := range m.heads {
		w.floats(m.heads[h].list()...)
	}
	for i := range m.bands {
		w.floats(m.bands[i].list()...)
	}
}

// parser reads what a writer wrote. It never fails loudly: what is missing reads as nothing, and bad says so.
type parser struct {
	b   []byte
	bad bool
}

func (p *parser) take(n int) []byte {
	if n < 0 || n > len(p.b) {
		p.bad, p.b = true, nil
		return nil
	}
	out := p.b[:n]
	p.b = p.b[n:]
	return out
}

func (p *parser) byte() byte {
	b := p.take(1)
	if b == nil {
		return 0
	}
	return b[0]
}

// count reads a number up to most.
func (p *parser) count(most int) int {
	n, size := binary.Uvarint(p.b)
	if size <= 0 || n > uint64(most) {
		p.bad, p.b = true, nil
		return 0
	}
	p.b = p.b[size:]
	return int(n)
}

func (p *parser) word() uint64 {
	b := p.take(8)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

func (p *parser) double() float64 {
	x := math.Float64frombits(p.word())
	if math.IsNaN(x) || math.IsInf(x, 0) {
		p.bad = true
		return 0
	}
	return x
}

func (p *parser) text(most int) string { return string(p.take(p.count(most))) }

func (p *parser) floats(all ...*float32) {
	for _, x := range all {
		if b := p.take(4); b != nil {
			*x = p.sane(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		}
	}
}

// sane gives a number back; one that no training gives is damage.
func (p *parser) sane(x float32) float32 {
	if x > -1e6 && x < 1e6 {
		return x
	}
	p.bad = true
	return 0
}

func (p *parser) heads(m *Model) {
	for h := range m.heads {
		p.floats(m.heads[h].list()...)
	}
	for i := range m.bands {
		p.floats(m.bands[i].list()...)
	}
}
