"""Each fast path against its plain form: values and gradients."""

import pytest
import torch
from torch.nn import functional as F

from caser.models import kernels


def assert_same(fast, plain, inputs):
    torch.testing.assert_close(fast, plain, atol=1e-5, rtol=1e-5)
    upstream = torch.randn(fast.shape, generator=torch.Generator().manual_seed(9))
    for a, b in zip(
        torch.autograd.grad(fast, inputs, upstream), torch.autograd.grad(plain, inputs, upstream), strict=True
    ):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-5)


def leaf(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).requires_grad_()


@pytest.mark.parametrize("padding", [None, 6])
def test_look_up_is_embedding(padding):
    weight, ids = leaf(7, 3), torch.tensor([[0, 6, 2], [2, 2, 6]])
    assert_same(kernels.look_up(weight, ids, padding), F.embedding(ids, weight, padding), [weight])


def test_a_sparse_look_up_has_the_same_gradient():
    weight, ids = leaf(7, 3), torch.tensor([[0, 6, 2], [2, 2, 6]])
    upstream = torch.randn(2, 3, 3)
    dense, sparse = (
        torch.autograd.grad(kernels.look_up(weight, ids, 6, sparse=sparse), weight, upstream)[0]
        for sparse in (False, True)
    )
    assert sparse.is_sparse
    assert sparse._values().shape == (6, 3)  # a row for each id
    torch.testing.assert_close(sparse.to_dense(), dense)


@pytest.mark.parametrize("L", [1, 2, 5])
@pytest.mark.parametrize("n_h", [1, 3])
@pytest.mark.parametrize(("n_v", "d"), [(0, 3), (2, 3), (2, 20)])
def test_convolutions_are_conv2d_relu_and_max(L, n_h, n_v, d):
    E, vertical, bias = leaf(4, L, d), leaf(n_v, L, seed=20), leaf(L, n_h, seed=1)
    filters = [leaf(n_h, 1, h, d, seed=h + 2) for h in range(1, L + 1)]
    pooled = [F.conv2d(E[:, None], w, b).relu().amax(2)[..., 0] for w, b in zip(filters, bias, strict=True)]
    plain = torch.cat([(vertical @ E).flatten(1), *pooled], 1)
    inputs = [E, bias, *filters, *([vertical] if n_v else [])]
    assert_same(kernels.convolutions(E, vertical, bias, filters), plain, inputs)


def test_of_equal_windows_the_first_gets_the_gradient():
    E = torch.ones(1, 3, 2, requires_grad=True)
    filters = [torch.ones(1, 1, h, 2) for h in (1, 2, 3)]
    kernels.convolutions(E, torch.empty(0, 3), torch.zeros(3, 1), filters)[0, 0].backward()
    assert E.grad[0].tolist() == [[1, 1], [0, 0], [0, 0]]


@pytest.mark.parametrize("d", [4, 20])
def test_weighted_rows_are_a_matrix_product(d):
    E, vertical = leaf(3, 5, d), leaf(2, 5, seed=1)
    assert_same(kernels.weighted_rows(E, vertical), vertical @ E, [E, vertical])


@pytest.mark.parametrize("k", [1, 3, 6, 9])
def test_causal_is_a_depthwise_conv1d_over_the_rows_so_far(k):
    E, curves = leaf(4, 6, 5), leaf(5, k, seed=1)
    plain = F.conv1d(F.pad(E.transpose(1, 2), (k - 1, 0)), curves.flip(1)[:, None], groups=5).transpose(1, 2)
    assert_same(kernels.causal(E, curves), plain, [E, curves])
