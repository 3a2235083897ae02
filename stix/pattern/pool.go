package pattern

// A pool hands out short lists of nodes from large blocks, so that a pattern costs a few
// allocations and not several for each comparison. Blocks grow with the pattern, and a block
// that is full stays with the nodes in it.
type pool[T any] struct {
	block []T
	from  int // where the list that is being added to starts
}

const maxBlock = 1024

// add appends to the current list.
func (p *pool[T]) add(v T) {
	if len(p.block) == cap(p.block) {
		p.grow()
	}
	p.block = append(p.block, v)
}

// take ends the current list and returns it.
func (p *pool[T]) take() []T {
	end := len(p.block)
	list := p.block[p.from:end:end]
	p.from = end
	return list
}

// one returns v at an address of its own.
func (p *pool[T]) one(v T) *T {
	p.add(v)
	return &p.take()[0]
}

// grow moves the current list to the start of a new block.
func (p *pool[T]) grow() {
	list := p.block[p.from:]
	size := max(4, min(2*cap(p.block), maxBlock), 2*len(list))
	p.block = append(make([]T, 0, size), list...)
	p.from = 0
}
