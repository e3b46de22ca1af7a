"""# The dataset

From here on the points are pictures. **Fashion-MNIST** holds 60,000 training and 10,000 test images of 28 × 28
grey pixels, each showing a piece of clothing of one of ten classes, which are numbered in this order:

```text
0 T-shirt/top   1 Trouser   2 Pullover   3 Dress   4 Coat
5 Sandal        6 Shirt     7 Sneaker    8 Bag     9 Ankle boot
```

torchvision brings it as a **Dataset**, an object that knows two things: `len(dataset)`, the number of its
samples, and `dataset[i]`, one of them, which is a pair of an image and its label.

```python
import torchvision
from torchvision.transforms import PILToTensor

train_set = torchvision.datasets.FashionMNIST("data", train=True, download=True, transform=PILToTensor())
image, label = train_set[0]        # uint8 of shape (1, 28, 28), values 0 ... 255, and an int
```

Without a `transform` the image is a PIL image, with its pixels as they were saved. The `transform` is a
function of your choice that is applied to an image whenever it is asked for. `PILToTensor()` makes a tensor of
it. The 1 in its shape is the channel dimension: a colour image would have three.

Training takes minibatches. A **DataLoader** goes through a dataset, in its order or shuffled, and stacks
`batch_size` samples at a time into one tensor of images and one of labels:

```python
loader = torch.utils.data.DataLoader(train_set, batch_size=4, shuffle=True)
images, labels = next(iter(loader))        # (4, 1, 28, 28) and (4,)
```

It stacks tensors and numbers, but not PIL images. To look at an image, take the channel dimension away and
hand the matrix to matplotlib:

```python
fig = plt.figure()
ax = fig.add_subplot(2, 2, 1)              # the first place of a grid of 2 × 2; they are counted from 1
ax.imshow(images[0].squeeze(), cmap="Greys")
ax.set_title("Ankle boot")
ax.get_xaxis().set_visible(False)
```
"""
